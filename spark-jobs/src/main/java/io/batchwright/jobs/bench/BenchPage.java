package io.batchwright.jobs.bench;

import io.batchwright.jobs.run.BenchRecord;
import io.batchwright.jobs.run.Environment;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The results as a Markdown page, fit for {@code docs/benchmarks/HARDWARE-AREA.md}. */
final class BenchPage {
  private BenchPage() {}

  static String of(
      BenchRecord record,
      BenchRecipe recipe,
      List<BenchTable> tables,
      Map<String, String> missing) {
    StringBuilder page = new StringBuilder();
    Environment machine = record.environment();
    page.append("# bench %s%n%n".formatted(record.area()));
    page.append(
        "%s, %d cores, heap %.1f GB, Java %s, Spark %s, commit %s. Tier %s, scale %s, seed %d.%n%n"
            .formatted(
                machine.cpu(),
                machine.cores(),
                Runtime.getRuntime().maxMemory() / 1e9,
                machine.java(),
                machine.spark(),
                record.commit(),
                recipe.tier().name().toLowerCase(Locale.ROOT),
                number(recipe.scale()),
                recipe.seed()));
    page.append(
        "Repeat: `bin/batchwright bench %s --tier %s%s --out DIR`.%n"
            .formatted(
                record.area(),
                recipe.tier().name().toLowerCase(Locale.ROOT),
                recipe.data().isEmpty() ? "" : " --data DIR"));
    for (BenchTable table : tables) {
      page.append("%n## %s%n%n".formatted(table.title()));
      row(page, table.header());
      row(page, table.header().stream().map(name -> "---").toList());
      table.rows().forEach(cells -> row(page, cells));
      if (!table.note().isEmpty()) {
        page.append("%n%s%n".formatted(table.note()));
      }
    }
    figures(page, record.figures());
    if (!missing.isEmpty()) {
      page.append("%n## Not measured%n%n".formatted());
      new TreeMap<>(missing)
          .forEach((name, reason) -> page.append("- `%s`: %s%n".formatted(name, reason)));
    }
    return page.toString();
  }

  private static void figures(StringBuilder page, List<BenchRecord.Figure> figures) {
    page.append("%n## All figures%n%n".formatted());
    row(page, List.of("metric", "unit", "median", "lowest", "highest", "repetitions"));
    row(page, List.of("---", "---", "---", "---", "---", "---"));
    for (BenchRecord.Figure figure : figures) {
      row(
          page,
          List.of(
              "`" + figure.name() + "`",
              figure.unit(),
              number(figure.median()),
              number(figure.min()),
              number(figure.max()),
              Integer.toString(figure.repetitions())));
    }
  }

  private static void row(StringBuilder page, List<String> cells) {
    page.append("| ").append(String.join(" | ", cells)).append(" |").append(System.lineSeparator());
  }

  /** Four significant digits. */
  static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return String.format(Locale.ROOT, "%,d", (long) value);
    }
    int whole = (int) Math.floor(Math.log10(Math.abs(value)));
    return String.format(Locale.ROOT, "%,." + Math.max(0, 3 - whole) + "f", value);
  }
}
