package io.batchwright.train.loss;

/** What a loss reads besides queries and positives; a run whose data lack it is refused. */
public enum LossInput {
  /** Mined negatives: parts with the role {@code negative} in the samples. */
  NEGATIVES("mined negatives (parts with the role negative in the samples)"),
  /** A teacher's scores of each query with its own texts. */
  TEACHER_SCORES("teacher's scores (the field score of the samples' parts)"),
  /** Vectors of a guide model for every text. */
  GUIDE("guide vectors (an embeddings table of the same texts)");

  private final String description;

  LossInput(String description) {
    this.description = description;
  }

  /** What it is and where it stands, in words. */
  public String description() {
    return description;
  }

  /** What a loss says that was given a batch without it. */
  IllegalArgumentException missing(Loss loss) {
    return new IllegalArgumentException(
        "%s needs %s".formatted(loss.getClass().getSimpleName(), description));
  }
}
