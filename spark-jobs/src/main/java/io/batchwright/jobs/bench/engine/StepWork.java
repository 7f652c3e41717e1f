package io.batchwright.jobs.bench.engine;

/** What a program of a training step does. */
public enum StepWork {
  /** Texts of equal length, AdamW on all rows. */
  DENSE,

  /** Texts of equal length, AdamW on touched rows only. */
  SPARSE,

  /** {@code MixedTexts} as they come. */
  MIXED,

  /** {@code MixedTexts} of like length together. */
  SORTED;

  /** Whether lengths differ, in each step otherwise. */
  public boolean mixed() {
    return this == MIXED || this == SORTED;
  }
}
