package io.batchwright.jobs.bench.negatives;

import io.batchwright.jobs.bench.BenchRecipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A data set of the experiment, with three parts: training, tuning of rates, test. */
interface TrialData {
  /** Its name, as {@code trials.sets} has it. */
  String name();

  /** Where it comes from and what its groups are, one sentence. */
  String description();

  /** Why it cannot be read here, or empty. */
  Optional<String> missing(BenchRecipe asked);

  /**
   * The sections corpus, deduplicate, split and tokens of a recipe, YAML; test and tuning are both
   * held out.
   *
   * @param folder a local folder for files that the recipe reads; they are written if need be
   * @param maxTokens of a text
   */
  String recipe(BenchRecipe asked, Path folder, int maxTokens) throws IOException;

  /** How BM25 makes terms of its texts: PROSE or CODE. */
  default String analysis() {
    return "PROSE";
  }

  /** How many documents are looked at for the negatives of a query. */
  default int candidates() {
    return 60;
  }

  /** What takes candidates out, the {@code selection.filters} of a recipe, YAML. */
  default String filters() {
    return "[{name: KnownPositives}, {name: SameAnswer}, {name: TopKPercPos}]";
  }

  /** Whether a held-out query serves for the choice of rates, and not for the test. */
  boolean tunes(String queryId, String source);

  /** The group that the bootstrap draws with its query. */
  String group(String queryId, String groupId);
}
