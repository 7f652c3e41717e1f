/**
 * Optimizers: from gradients to updates.
 *
 * <p>Reading order: {@link io.batchwright.train.optimizer.Optimizer} (the recipe), {@link
 * io.batchwright.train.optimizer.OptimizerInstance} (at work), {@link
 * io.batchwright.train.optimizer.GradientTransform} and {@link
 * io.batchwright.train.optimizer.TransformChain} (what optimizers are made of).
 *
 * <table>
 * <caption>Members</caption>
 * <tr><th>Optimizer</th><th>State</th><th>Choose it when</th></tr>
 * <tr><td>{@link io.batchwright.train.optimizer.AdamW}</td><td>two tensors</td>
 *     <td>in doubt; exact for row-sparse gradients too</td></tr>
 * <tr><td>{@link io.batchwright.train.optimizer.LazyAdamW}</td><td>two tensors</td>
 *     <td>the table is so large that replaying rare rows shows in the step time</td></tr>
 * <tr><td>{@link io.batchwright.train.optimizer.Sgd}</td><td>none or one tensor</td>
 *     <td>memory is short, or as a baseline</td></tr>
 * <tr><td>{@link io.batchwright.train.optimizer.Lion}</td><td>one tensor</td>
 *     <td>batches are large, or memory is short</td></tr>
 * <tr><td>{@link io.batchwright.train.optimizer.Lamb}</td><td>two tensors</td>
 *     <td>batches are so large that AdamW's best rate diverges in some layers</td></tr>
 * <tr><td>{@link io.batchwright.train.optimizer.Lars}</td><td>one tensor</td>
 *     <td>the same, where gradient descent does</td></tr>
 * <tr><td>{@link io.batchwright.train.optimizer.Adagrad}</td><td>one tensor</td>
 *     <td>features are sparse and their counts far apart</td></tr>
 * <tr><td>{@link io.batchwright.train.optimizer.CustomOptimizer}</td><td>yours</td>
 *     <td>none of these fits; name your class in the recipe</td></tr>
 * </table>
 *
 * <p>Letters: V rows of a table, D its columns, U touched rows, g gradient, u update, p parameter,
 * t the step from 1.
 *
 * <p>To add one, write a record that implements {@link io.batchwright.train.optimizer.Optimizer},
 * name it in the {@code permits} clause, and build a {@link
 * io.batchwright.train.optimizer.TransformChain} of existing and new transforms. The contract test
 * picks it up. A fused update comes second, with a test that holds it equal to the chain.
 *
 * <p>Decisions: the learning rate is an argument of each step; rows of a table that a step does not
 * touch are updated late but exactly, and {@link io.batchwright.train.graph.Parameter#value()}
 * hides that; a checkpoint has no late rows, so it needs no history of learning rates.
 */
package io.batchwright.train.optimizer;
