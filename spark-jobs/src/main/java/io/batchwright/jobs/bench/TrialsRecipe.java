package io.batchwright.jobs.bench;

import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.List;

/**
 * Which trainings {@code bench negatives} runs. What is left empty is the tier's.
 *
 * @param folder where trainings are kept, so that later runs of the bench skip those that are done;
 *     empty for {@code trials} in the output folder
 * @param sets data sets, such as javadoc
 * @param arms their names, such as A0
 * @param batches pairs of a step
 * @param seeds how many; 0: the tier's
 * @param steps of each training; 0: the tier's
 * @param train whether missing trainings are run; otherwise the tables show what is there
 */
public record TrialsRecipe(
    String folder,
    List<String> sets,
    List<String> arms,
    List<Integer> batches,
    int seeds,
    int steps,
    boolean train)
    implements Serializable {
  /** All that the tier has. */
  public static final TrialsRecipe DEFAULTS =
      new TrialsRecipe("", List.of(), List.of(), List.of(), 0, 0, true);

  /** Checks the ranges. */
  public TrialsRecipe {
    sets = List.copyOf(sets);
    arms = List.copyOf(arms);
    batches = List.copyOf(batches);
    Check.atLeast("TrialsRecipe.seeds", seeds, 0);
    Check.atLeast("TrialsRecipe.steps", steps, 0);
  }
}
