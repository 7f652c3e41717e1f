package io.batchwright.kernel;

import io.batchwright.tensor.Tensor;

/**
 * One of the updates of {@link UpdateKernels#adamW(java.util.List, int)}.
 *
 * @param parameter any shape
 * @param gradient the parameter's shape
 * @param moments of the parameter's shape; {@code lastStep} is not used
 * @param rates learning rates by step
 */
public record AdamWUpdate(
    Tensor parameter, Tensor gradient, Moments moments, AdamWRule rule, double[] rates) {}
