package io.batchwright.train.rank;

import io.batchwright.technique.Check;
import io.batchwright.train.step.ValidationScores;
import java.io.Serializable;
import java.util.function.ToDoubleFunction;

/**
 * What is measured while training, at each checkpoint, and what follows from it. The pairs, or a
 * language model's documents, are those that {@code split.validationShare} set aside.
 *
 * @param maximumPairs pairs of the mini-corpus at most; 0 measures the loss only
 * @param monitor the figure that decides what is best
 * @param patience validations without an improvement after which training ends early; 0: never
 * @param minimumDelta what the figure must gain to count as an improvement, at least 0
 * @param exportBest whether the run ends with the weights of the best validation instead of the
 *     last step's
 */
public record ValidationRecipe(
    int maximumPairs, Monitor monitor, int patience, double minimumDelta, boolean exportBest)
    implements Serializable {
  /** Retrieval among 1,000 pairs; nothing follows from it. */
  public static final ValidationRecipe DEFAULTS =
      new ValidationRecipe(1000, Monitor.NDCG10, 0, 0, false);

  public ValidationRecipe {
    Check.atLeast("ValidationRecipe.maximumPairs", maximumPairs, 0);
    Check.atLeast("ValidationRecipe.patience", patience, 0);
    Check.atLeast("ValidationRecipe.minimumDelta", minimumDelta, 0);
    Check.that(
        maximumPairs > 0 || monitor == Monitor.LOSS,
        "ValidationRecipe.monitor",
        "must be LOSS where maximumPairs is 0, got " + monitor);
  }

  /** A figure of a validation. */
  public enum Monitor {
    /** The loss on the validation batches; less is better. */
    LOSS(ValidationScores::loss, true),
    /** nDCG@10 of the mini-corpus. */
    NDCG10(ValidationScores::ndcg10, false),
    /** MRR@10 of the mini-corpus. */
    MRR10(ValidationScores::mrr10, false),
    /** Recall@10 of the mini-corpus. */
    RECALL10(ValidationScores::recall10, false);

    private final ToDoubleFunction<ValidationScores> figure;
    private final boolean lowerIsBetter;

    Monitor(ToDoubleFunction<ValidationScores> figure, boolean lowerIsBetter) {
      this.figure = figure;
      this.lowerIsBetter = lowerIsBetter;
    }

    /** The figure among {@code scores}. */
    public double of(ValidationScores scores) {
      return figure.applyAsDouble(scores);
    }

    /** Whether less is better. */
    public boolean lowerIsBetter() {
      return lowerIsBetter;
    }
  }

  /** Whether anything follows from what is measured, so that there must be something. */
  public boolean decides() {
    return patience > 0 || exportBest;
  }
}
