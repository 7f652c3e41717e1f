/**
 * Automatic differentiation: computing forward records how to go backward.
 *
 * <p>Reading order: {@link io.batchwright.train.graph.Graph} and the operations that it takes from
 * {@link io.batchwright.train.graph.ElementGraph} and its siblings, {@link
 * io.batchwright.train.graph.Variable}, {@link io.batchwright.train.graph.RowSum}, {@link
 * io.batchwright.train.graph.Parameter} with {@link io.batchwright.train.graph.ParameterGroup} and
 * {@link io.batchwright.train.graph.Reparametrization}, {@link
 * io.batchwright.train.graph.Gradient}, {@link io.batchwright.train.graph.Pullback}, {@link
 * io.batchwright.train.graph.GradientListener}, {@link io.batchwright.train.graph.SavedTensors}.
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
 * becomes dense by itself, except where the table is also used whole (tied to an output head);
 * gradients are summed in the reverse order of the calls, so a run repeats bit for bit.
 */
package io.batchwright.train.graph;
