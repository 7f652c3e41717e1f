package io.batchwright.jobs.bench;

/** How much a benchmark measures. */
public enum Tier {
  /** A few minutes on two cores. */
  QUICK,
  /** Everything, at the sizes that the documentation quotes: about a quarter of an hour. */
  FULL
}
