package io.batchwright.jobs.bench.negatives;

import org.apache.hadoop.fs.Path;

/**
 * One training of the experiment.
 *
 * @param set the data set's name
 * @param batch pairs of a step
 * @param steps of the set's trainings; an arm may take a multiple
 * @param arm its name
 * @param rate the peak rate
 * @param seed of initial values and batches
 */
record Trial(String set, int batch, int steps, String arm, double rate, long seed) {
  /** Its folder within the folder of all trials. */
  Path folder(String trials) {
    return new Path(
        trials,
        "%s/rate-%s/seed-%d".formatted(group(set, batch, steps) + "/" + path(arm), rate, seed));
  }

  /** The folder of what the trainings of one batch size share. */
  static String group(String set, int batch, int steps) {
    return "%s/batch-%d-steps-%d".formatted(set, batch, steps);
  }

  /**
   * A' is no name for a folder, trainings that stand in that of C1 are of what is C3 now, and those
   * that stand under the bare names of arms with mined negatives had other ones: each query was
   * mined by its own positives, not by those of its text.
   */
  private static String path(String arm) {
    return switch (arm) {
      case Arm.CONTROL -> "C1-bank";
      case Arm.SECOND_CONTROL -> "C1";
      case "A4", "A7", "A8", "A9", "A10", "A10'" -> prime(arm) + Ingredients.BY_TEXT;
      default -> prime(arm);
    };
  }

  private static String prime(String arm) {
    return arm.replace("'", "-prime");
  }
}
