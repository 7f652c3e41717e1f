package io.batchwright.jobs.pipeline;

import io.batchwright.data.negative.NegativeSelection;
import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Batches that follow the model: vectors of batch policies, and mined negatives, made anew with its
 * own weights.
 *
 * <p>Both modes use the weights of fixed steps, so that the same seed gives the same run, and a
 * resumed one ends with the same weights.
 *
 * @param mode when
 * @param everyEpochs epochs that share vectors and negatives, at least 1
 * @param vectors where those of queries come from
 * @param candidates documents looked at for each query's new negatives, at least 1; more where
 *     {@code selection} looks at more
 * @param selection from them to negatives
 */
public record RefreshRecipe(
    RefreshMode mode,
    int everyEpochs,
    RefreshVectors vectors,
    int candidates,
    NegativeSelection selection)
    implements Serializable {
  /**
   * No refresh; where there is one, each epoch, with the selection of {@code mine} but for its
   * guide, which does not score what is mined anew.
   */
  public static final RefreshRecipe DEFAULTS =
      new RefreshRecipe(
          RefreshMode.NONE, 1, RefreshVectors.ENCODER, 200, NegativeSelection.UNGUIDED);

  /** Checks the ranges. */
  public RefreshRecipe {
    Check.atLeast("RefreshRecipe.everyEpochs", everyEpochs, 1);
    Check.atLeast("RefreshRecipe.candidates", candidates, 1);
  }

  /** Whether there is any. */
  boolean on() {
    return mode != RefreshMode.NONE;
  }

  /** Whether training keeps the vectors of its steps for the next refresh. */
  boolean fromBank() {
    return on() && vectors != RefreshVectors.ENCODER;
  }

  /** Of {@code epochs}, how many are planned before training. */
  int plannedBefore(int epochs) {
    return on() ? Math.min(first(), epochs) : epochs;
  }

  /** The epochs before which there is a refresh, of {@code epochs}. */
  List<Integer> before(int epochs) {
    return on()
        ? IntStream.range(first(), epochs).filter(e -> e % everyEpochs == 0).boxed().toList()
        : List.of();
  }

  /** How many epochs the weights have seen that a refresh before {@code epoch} uses. */
  int epochsSeen(int epoch) {
    return mode == RefreshMode.ASYNCHRONOUS ? epoch - 1 : epoch;
  }

  /** Weights that have seen no epoch know nothing. */
  private int first() {
    return mode == RefreshMode.ASYNCHRONOUS && everyEpochs == 1 ? 2 : everyEpochs;
  }
}
