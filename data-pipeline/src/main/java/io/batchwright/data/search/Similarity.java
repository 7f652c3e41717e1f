package io.batchwright.data.search;

/** How alike two vectors are; more is more alike. */
public enum Similarity {
  /** The sum of products. */
  INNER_PRODUCT,
  /** The inner product of the vectors at unit length, in [-1, 1]; 0 where one has length 0. */
  COSINE
}
