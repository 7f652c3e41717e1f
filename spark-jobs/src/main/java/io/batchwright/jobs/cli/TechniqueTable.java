package io.batchwright.jobs.cli;

import io.batchwright.jobs.cli.FamilyCatalogue.Family;
import io.batchwright.jobs.config.RecipeTree;
import io.batchwright.technique.Paper;
import io.batchwright.technique.Techniques;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The technique table as Markdown (docs/techniques.md) and as lines for the terminal. */
public final class TechniqueTable {
  private TechniqueTable() {}

  /** The page docs/techniques.md. */
  public static String markdown() {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Techniques

        Made from the code by `bin/batchwright techniques --markdown`; a test fails when it is stale. A recipe names a
        technique as `name: Lamb`; keys that it does not give have the defaults below. Each family also takes a record
        from outside, by its class name.
        """);
    for (Family family : FamilyCatalogue.families()) {
      page.append(
          "\n## %s (`%s`)\n\n| name | defaults | publication |\n|---|---|---|\n"
              .formatted(family.type().getSimpleName(), family.place()));
      for (Class<?> member : family.members()) {
        page.append(
            "| %s | %s | %s |\n"
                .formatted(member.getSimpleName(), defaults(member, "`%s`"), publication(member)));
      }
    }
    return page.toString();
  }

  /** One line a technique. */
  static List<String> lines() {
    return FamilyCatalogue.families().stream()
        .flatMap(
            family ->
                Stream.concat(
                    Stream.of("", family.type().getSimpleName() + "  (" + family.place() + ")"),
                    family.members().stream()
                        .map(
                            member ->
                                "  %-22s %s  %s"
                                    .formatted(
                                        member.getSimpleName(),
                                        publication(member),
                                        defaults(member, "%s")))))
        .toList();
  }

  private static String publication(Class<?> member) {
    Paper paper = member.getAnnotation(Paper.class);
    if (paper == null) {
      return "";
    }
    return paper.title()
        + (paper.arxiv().isEmpty() ? "" : ", arXiv:" + paper.arxiv())
        + (paper.where().isEmpty() ? "" : ", " + paper.where());
  }

  private static String defaults(Class<?> member, String format) {
    return Techniques.defaults(member)
        .map(
            paper ->
                RecipeTree.toJson((Record) paper).properties().stream()
                    .filter(entry -> !entry.getKey().equals("name"))
                    .map(
                        entry ->
                            entry.getKey()
                                + ": "
                                + entry.getValue().toString().replace("\"", "").replace("|", "/"))
                    .collect(Collectors.joining(", ")))
        .filter(text -> !text.isEmpty())
        .map(format::formatted)
        .orElse("");
  }
}
