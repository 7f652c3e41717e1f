package io.batchwright.train.export;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What README.md of a model folder says.
 *
 * @param name of the model
 * @param summary what it is for, a sentence or two
 * @param facts such as data, seed, commit, hardware; shown in the order given
 * @param figures of the evaluation by name; shown in the order given
 * @param licence notes on what the training data's licences mean for the model
 * @param limits what it is not good for
 */
public record ModelCard(
    String name,
    String summary,
    Map<String, String> facts,
    Map<String, Double> figures,
    String licence,
    List<String> limits) {

  /**
   * The file's text.
   *
   * @param tag of the model's kind
   * @param kind what it is and how large, a sentence or two
   */
  String markdown(String tag, String kind) {
    List<String> lines = new ArrayList<>();
    lines.addAll(
        List.of(
            "---",
            "library_name: sentence-transformers",
            "pipeline_tag: sentence-similarity",
            "tags: [sentence-transformers, %s, batchwright]".formatted(tag),
            "---",
            "# " + name,
            "",
            summary,
            "",
            kind));
    section(lines, "Made from", facts.entrySet().stream().map(ModelCard::item).toList());
    section(
        lines,
        "Figures",
        figures.entrySet().stream()
            .map(
                figure ->
                    "- %s: %s"
                        .formatted(
                            figure.getKey(), String.format(Locale.ROOT, "%.4f", figure.getValue())))
            .toList());
    section(
        lines,
        "How to load it",
        List.of(
            "```python",
            "from sentence_transformers import SentenceTransformer",
            "",
            "model = SentenceTransformer(\"path/to/this/folder\", device=\"cpu\")",
            "print(model.encode([\"reverse an array in place\"]).shape)",
            "```",
            "",
            "With Batchwright: `bin/batchwright search --model DIR --corpus DIR \"a query\"`.",
            "Java: `Encoder.open(Path.of(\"path/to/this/folder\"))`."));
    section(lines, "Licence", licence.isBlank() ? List.of() : List.of(licence));
    section(lines, "Limits", limits.stream().map(limit -> "- " + limit).toList());
    return String.join("\n", lines) + "\n";
  }

  private static String item(Map.Entry<String, String> fact) {
    return "- " + fact.getKey() + ": " + fact.getValue();
  }

  private static void section(List<String> lines, String title, List<String> body) {
    if (!body.isEmpty()) {
      lines.addAll(List.of("", "## " + title));
      lines.addAll(body);
    }
  }
}
