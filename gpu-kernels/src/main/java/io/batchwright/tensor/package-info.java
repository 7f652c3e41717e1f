/**
 * Numbers in memory and where they come from: shapes, tensors, arenas, and the random draws of a
 * run.
 *
 * <p>Reading order: {@link io.batchwright.tensor.DType}, {@link io.batchwright.tensor.Shape},
 * {@link io.batchwright.tensor.Tensor}, {@link io.batchwright.tensor.Arena}, {@link
 * io.batchwright.tensor.RowSparse}, {@link io.batchwright.tensor.RandomStream}.
 *
 * <p>Decisions. Memory is owned by arenas, never by single tensors: a run arena holds parameters
 * and optimizer state, its child holds the activations of one step and is reset, not freed, so a
 * step in steady state allocates nothing. A tensor used after its arena was reset or closed is
 * refused by name. A tensor shows no address: only the backend whose {@link
 * io.batchwright.tensor.Memory} made its {@link io.batchwright.tensor.Storage} knows where the
 * bytes lie; the host reads and writes by explicit copies.
 */
package io.batchwright.tensor;
