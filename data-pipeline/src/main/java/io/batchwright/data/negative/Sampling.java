package io.batchwright.data.negative;

/** Which of the candidates that passed become negatives. */
public enum Sampling {
  /** Those with the highest scores. */
  TOP,
  /** Drawn uniformly; a query's draw depends on the seed and its id alone. */
  RANDOM
}
