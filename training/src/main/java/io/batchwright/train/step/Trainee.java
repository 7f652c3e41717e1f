package io.batchwright.train.step;

import io.batchwright.train.graph.Parameter;
import io.batchwright.train.loss.Loss;
import io.batchwright.train.model.ModelInstance;
import io.batchwright.train.optimizer.OptimizerInstance;
import io.batchwright.train.schedule.Schedule;
import java.util.List;

/**
 * What is trained, and by which rules.
 *
 * @param seed of what models draw while training
 * @param objective the model, and what it is to make small
 * @param optimizer updates the model's parameters
 * @param schedule gives the learning rate of each step
 * @param totalSteps planned steps of all epochs
 * @param clipNorm largest norm of all gradients together; 0 leaves them as they are
 * @param onNotFinite what to do when the loss or a gradient is not finite
 */
public record Trainee(
    long seed,
    Objective objective,
    OptimizerInstance optimizer,
    Schedule schedule,
    long totalSteps,
    double clipNorm,
    NotFinite onNotFinite) {

  /**
   * Training on pairs.
   *
   * @param model encodes texts
   * @param loss over the pairs of the global batch
   */
  public Trainee(
      long seed,
      ModelInstance model,
      Loss loss,
      OptimizerInstance optimizer,
      Schedule schedule,
      long totalSteps,
      double clipNorm,
      NotFinite onNotFinite) {
    this(
        seed,
        new PairObjective(model, loss),
        optimizer,
        schedule,
        totalSteps,
        clipNorm,
        onNotFinite);
  }

  /** The model's parameters, in their fixed order. */
  public List<Parameter> parameters() {
    return objective.parameters();
  }
}
