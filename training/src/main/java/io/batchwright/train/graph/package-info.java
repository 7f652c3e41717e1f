/**
 * Automatic differentiation: computing forward records how to go backward.
 *
 * <p>Reading order: {@link io.batchwright.train.graph.Graph} (all operations), {@link
 * io.batchwright.train.graph.Variable}, {@link io.batchwright.train.graph.Parameter}, {@link
 * io.batchwright.train.graph.Gradient}, {@link io.batchwright.train.graph.Pullback}.
 *
 * <p>Letters: B rows of a batch, D embedding dims, N scores of a row, V rows of a table, T tokens,
 * U touched rows, I and O input and output dims, M, K and N of a matrix product.
 *
 * <p>To add an operation, compose it of others where that is fast enough. Else compute its result
 * through the backend and call {@link io.batchwright.train.graph.Graph#custom}; inside of this
 * package, put it into the file of its kind. A finite-difference check in float64 is its test.
 *
 * <p>Decisions: no operation knows about ranks, a gather across ranks is a custom operation of the
 * package that owns the collective; a table's gradient is row-sparse from the start and never
 * becomes dense by itself; gradients are summed in the reverse order of the calls, so a run repeats
 * bit for bit.
 */
package io.batchwright.train.graph;
