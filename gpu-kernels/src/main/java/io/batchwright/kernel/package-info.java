/**
 * The numerical operations that training and search are made of, and how to get an implementation.
 *
 * <p>Reading order: {@link io.batchwright.kernel.Backends}, {@link io.batchwright.kernel.Backend}
 * and the groups it joins: {@link io.batchwright.kernel.ElementKernels}, {@link
 * io.batchwright.kernel.ReductionKernels}, {@link io.batchwright.kernel.MatrixKernels}, {@link
 * io.batchwright.kernel.RowKernels}, {@link io.batchwright.kernel.SequenceKernels}, {@link
 * io.batchwright.kernel.NormKernels}, {@link io.batchwright.kernel.SearchKernels}, {@link
 * io.batchwright.kernel.UpdateKernels}.
 *
 * <p>Legend of shapes: B rows of a batch, C or N columns, D width of an embedding, V rows of a
 * table (the vocabulary), T tokens of a batch, U touched rows, M x K times K x N a matrix product.
 *
 * <p>Rules of every operation. It writes into outputs that the caller gives, whose old contents it
 * ignores unless it says "adds". Types are F32 or F64, the same in all floating-point arguments;
 * ids and masks are I32. What encoders' layers do takes BF16 too: additions of one shape, axpy,
 * GELU, dropout, sums over rows, products, attention and layer norm. It is computed in F32 and
 * rounded once when it is stored; parameters, statistics and log sums beside it are F32, and a
 * product's F32 factor beside BF16 is rounded. An output may be the very tensor of an element-wise
 * input, and must not overlap any other argument. Wrong shapes or types are an {@link
 * java.lang.IllegalArgumentException} that names the operation, the argument, what it got and what
 * it wanted. Results are the same bits for the same inputs on the same machine and provider.
 *
 * <p>To add an operation: a method in its group with shapes in the Javadoc, an implementation in
 * each backend, and a case in the contract test, which holds every provider against plain double
 * loops.
 */
package io.batchwright.kernel;
