package io.batchwright.train.step;

import io.batchwright.data.batch.StepBatch;
import io.batchwright.tensor.Arena;
import io.batchwright.train.collective.Collective;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import java.util.List;

/** A model and what it is to make small over the global batch. */
public interface Objective {
  /** What is trained, in the fixed order that reductions and checkpoints follow. */
  List<Parameter> parameters();

  /**
   * The loss of a batch; all ranks call it, with their parts.
   *
   * @param batch this rank's part of the global batch
   */
  Share loss(Graph g, StepBatch batch, Pass pass);

  /** Whether the loss is a mean over tokens to be named, whose exponential is a perplexity. */
  boolean onTokens();

  /**
   * A rank's share of a loss.
   *
   * @param loss a scalar, in nats; summed over ranks it is the mean over all that counts
   * @param counted how many of those are this rank's: pairs, or tokens to be named
   */
  record Share(Variable loss, long counted) {}

  /**
   * What a loss is computed for.
   *
   * @param ranks that hold the parts of the batch
   * @param step holds what a step needs
   * @param training whether layers such as dropout are at work
   * @param seed of the run
   * @param stepsTaken before this one
   */
  record Pass(Collective ranks, Arena step, boolean training, long seed, long stepsTaken) {}
}
