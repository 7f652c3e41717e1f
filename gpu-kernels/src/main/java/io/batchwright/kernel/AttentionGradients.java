package io.batchwright.kernel;

import io.batchwright.tensor.Tensor;

/** Where {@link SequenceKernels#attentionBackward} writes: [T, D] each. */
public record AttentionGradients(Tensor dQueries, Tensor dKeys, Tensor dValues) {}
