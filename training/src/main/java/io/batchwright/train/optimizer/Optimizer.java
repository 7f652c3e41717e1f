package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.train.graph.Parameter;
import java.io.Serializable;
import java.util.List;

/**
 * The recipe of a rule that turns gradients into updates. It has no learning rate of its own: the
 * {@link io.batchwright.train.schedule.Schedule} gives one for each step.
 */
public sealed interface Optimizer extends Serializable
    permits AdamW, LazyAdamW, Sgd, Adagrad, Lamb, Lars, Lion, CustomOptimizer {

  /**
   * Builds the rule for some parameters, with state that starts at zero.
   *
   * @param parameters what to train; frozen ones are left alone
   * @param backend computes
   * @param run the arena that holds the state
   */
  OptimizerInstance build(List<Parameter> parameters, Backend backend, Arena run);
}
