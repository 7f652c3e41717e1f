package io.batchwright.train.checkpoint;

/**
 * One parameter on the host, for export and evaluation.
 *
 * @param name such as {@code embedding.weight}
 * @param dims its shape
 * @param values all elements, row-major
 */
public record Weights(String name, int[] dims, float[] values) {}
