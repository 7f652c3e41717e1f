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

  /** What a model is loaded with. */
  private enum Use {
    SENTENCE_TRANSFORMERS(
        "sentence-transformers",
        "sentence-similarity",
        """
        ```python
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer("path/to/this/folder", device="cpu")
        print(model.encode(["reverse an array in place"]).shape)
        ```

        With Batchwright: `bin/batchwright search --model DIR --corpus DIR "a query"`.
        Java: `Encoder.open(Path.of("path/to/this/folder"))`.\
        """),
    TEXT_GENERATION(
        "transformers",
        "text-generation",
        """
        ```python
        from transformers import AutoModelForCausalLM, AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained("path/to/this/folder")
        model = AutoModelForCausalLM.from_pretrained("path/to/this/folder")
        text = tokenizer(%s"The", add_special_tokens=False, return_tensors="pt")
        print(tokenizer.decode(model.generate(**text, max_new_tokens=40)[0]))
        ```\
        """);

    private final String library;
    private final String task;
    private final String loading;

    Use(String library, String task, String loading) {
      this.library = library;
      this.task = task;
      this.loading = loading;
    }
  }

  /**
   * The file's text, for a model that encodes.
   *
   * @param tag of the model's kind
   * @param kind what it is and how large, a sentence or two
   */
  String markdown(String tag, String kind) {
    Use use = Use.SENTENCE_TRANSFORMERS;
    return markdown(tag, kind, use, use.loading);
  }

  /**
   * The same for a model that writes.
   *
   * @param marked whether the texts that it was trained on begin with a mark, as a prompt then does
   */
  String markdownOfWriter(String tag, String kind, boolean marked) {
    Use use = Use.TEXT_GENERATION;
    return markdown(tag, kind, use, use.loading.formatted(marked ? "tokenizer.bos_token + " : ""));
  }

  private String markdown(String tag, String kind, Use use, String loading) {
    List<String> lines = new ArrayList<>();
    lines.addAll(
        List.of(
            "---",
            "library_name: " + use.library,
            "pipeline_tag: " + use.task,
            "tags: [%s, %s, batchwright]".formatted(use.library, tag),
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
    section(lines, "How to load it", List.of(loading));
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
