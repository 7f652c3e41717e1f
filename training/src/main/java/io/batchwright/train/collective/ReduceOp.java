package io.batchwright.train.collective;

/** How the values that ranks bring to one element become one. */
public enum ReduceOp {
  /** The sum, added in a fixed order of ranks. */
  SUM,
  /** The largest value. */
  MAX
}
