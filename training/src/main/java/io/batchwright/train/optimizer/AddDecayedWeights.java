package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.train.graph.Parameter;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Adds the parameter itself to its update: {@code u = u + weightDecay * p}, for parameters that
 * allow weight decay.
 *
 * <p><b>Relations.</b> Behind {@link ScaleByAdam} it is the decoupled decay of {@link AdamW}, in
 * front of {@link Momentum} the classic L2 penalty of {@link Sgd}.
 *
 * @param weightDecay at least 0
 */
@Paper(title = "Decoupled Weight Decay Regularization", arxiv = "1711.05101", where = "Section 2")
public record AddDecayedWeights(double weightDecay) implements GradientTransform {
  /** The customary 0.01. */
  public static final AddDecayedWeights PAPER = new AddDecayedWeights(0.01);

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if the decay is negative
   */
  public AddDecayedWeights {
    Check.atLeast("AddDecayedWeights.weightDecay", weightDecay, 0);
  }

  @Override
  public TransformInstance build(List<Parameter> parameters, Backend backend, Arena run) {
    return (updates, step) -> {
      List<Integer> decayed =
          IntStream.range(0, updates.size())
              .filter(i -> parameters.get(i).decay(weightDecay) > 0)
              .boxed()
              .toList();
      backend.axpyEach(
          decayed.stream().mapToDouble(i -> parameters.get(i).decay(weightDecay)).toArray(),
          decayed.stream().map(i -> parameters.get(i).storage()).toList(),
          decayed.stream().map(updates::get).toList());
    };
  }
}
