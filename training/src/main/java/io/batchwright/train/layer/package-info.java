/**
 * Small layers: parameters and the graph operations that use them.
 *
 * <p>Reading order: {@link io.batchwright.train.layer.InitialValues}, {@link
 * io.batchwright.train.layer.EmbeddingBag}, {@link io.batchwright.train.layer.L2Normalize}, {@link
 * io.batchwright.train.layer.Linear}; then what transformers are made of: {@link
 * io.batchwright.train.layer.ParameterSpace}, {@link io.batchwright.train.layer.SelfAttention},
 * {@link io.batchwright.train.layer.FeedForward}, {@link io.batchwright.train.layer.Dropout},
 * {@link io.batchwright.train.layer.Activations}.
 *
 * <p>Letters: V vocabulary, D embedding dims, B texts of a batch, T tokens of a batch, I and O
 * input and output dims.
 *
 * <p>To add one, write a record that holds its parameters and has an {@code apply(Graph, ...)}. A
 * layer computes only through the graph, so it needs no backward function and runs on every
 * backend.
 */
package io.batchwright.train.layer;
