package io.batchwright.jobs.bench.negatives;

import io.batchwright.jobs.bench.BenchRecipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The main job's corpus: sentences of doc comments search for the methods they describe. */
record JavadocData() implements TrialData {
  private static final Set<String> TUNING =
      Set.of("commons-codec", "antlr4-runtime", "snakeyaml", "log4j-api");
  private static final Set<String> TEST =
      Set.of("commons-collections4", "joda-time", "picocli", "curator-framework", "RoaringBitmap");

  @Override
  public String name() {
    return "javadoc";
  }

  @Override
  public String description() {
    return "doc comments of Java libraries; whole libraries are held out, groups are packages";
  }

  @Override
  public Optional<String> missing(BenchRecipe asked) {
    return Optional.empty();
  }

  @Override
  public String recipe(BenchRecipe asked, Path folder, int maxTokens) throws IOException {
    return """
        corpus:
          sources: [{name: io.batchwright.jobs.javadoc.JavadocSource, jarsDir: '%s'}]
          normalize: {form: NFC}
          filters:
            - {name: MinimumLength, minimum: 40, unit: characters}
            - {name: MaximumLength, maximum: 20000, unit: characters}
        deduplicate:
          deduplicators:
            - {name: ExactHash}
            - {name: MinHashLsh, permutations: 128, bands: 16, rows: 8, threshold: 0.8, shingleSize: 5, unit: words}
        split: {heldOut: [%s], validationShare: 0}
        tokens:
          tokenizer: {name: WordPiece, vocabularySize: 30522, minCount: 2, wordRules: {lowercase: true, splitIdentifiers: true, keepPunctuation: false}}
          tokenize: {maxTokens: %d}
        """
        .formatted(
            asked.jarsDir().replace("'", "''"),
            String.join(", ", heldOut(Path.of(asked.jarsDir()))),
            maxTokens);
  }

  /** Those of the libraries that are there. */
  private static List<String> heldOut(Path jars) throws IOException {
    try (Stream<Path> files = Files.list(jars)) {
      List<String> names = files.map(file -> file.getFileName().toString()).toList();
      return Stream.concat(TEST.stream(), TUNING.stream())
          .filter(artifact -> names.stream().anyMatch(name -> name.matches(artifact + "-\\d.*")))
          .sorted()
          .toList();
    }
  }

  @Override
  public String analysis() {
    return "CODE";
  }

  @Override
  public boolean tunes(String queryId, String source) {
    return TUNING.contains(source);
  }

  /** The package: the class' name up to its first part in upper case. */
  @Override
  public String group(String queryId, String groupId) {
    return groupId.replaceFirst("(^|\\.)\\p{Lu}.*$", "");
  }
}
