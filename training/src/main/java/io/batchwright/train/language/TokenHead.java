package io.batchwright.train.language;

import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Shape;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.layer.Linear;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.loss.TiledCrossEntropy;
import io.batchwright.train.model.TokenNetwork;
import io.batchwright.train.norm.LayerNorm;
import io.batchwright.train.norm.NormalizationLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * From a token's state to the tokens it may be, by the model's own table of words: the table is the
 * matrix of the output too, one parameter in two places.
 *
 * @param words [V, D] the model's table; among its parameters, not the head's
 * @param transform what a state goes through first; empty for none
 * @param bias [V]; empty for none
 */
public record TokenHead(Parameter words, Optional<Transform> transform, Optional<Parameter> bias) {

  /** {@code norm(gelu(dense(x)))}: [N, D] -> [N, D]. */
  public record Transform(Linear dense, NormalizationLayer norm) {
    Variable apply(Graph g, Variable x) {
      return norm.apply(g, dense.applyGelu(g, x));
    }
  }

  /** GPT-2's: nothing but the table. */
  public static TokenHead of(TokenNetwork network) {
    return new TokenHead(network.words(), Optional.empty(), Optional.empty());
  }

  /**
   * BERT's, with the names of Hugging Face's {@code BertForMaskedLM}.
   *
   * @param seed of the initial values
   */
  public static TokenHead of(TokenNetwork network, ParameterSpace space, long seed) {
    Shape table = network.words().storage().shape(); // [V, D]
    int dims = table.dim(1);
    String dense = "cls.predictions.transform.dense";
    Transform transform =
        new Transform(
            Linear.gaussian(
                dense,
                Shape.of(dims, dims),
                network.initialDeviation(),
                space,
                RandomStream.of(seed, "initial " + dense + ".weight", 0, 0)),
            new LayerNorm(network.layerNormEpsilon())
                .build("cls.predictions.transform.LayerNorm", dims, space.dtype(), space.run()));
    Parameter bias = space.filled("cls.predictions.bias", Shape.of(table.dim(0)), 0);
    return new TokenHead(network.words(), Optional.of(transform), Optional.of(bias));
  }

  /** Its own parameters, without the table. */
  public List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    transform.ifPresent(
        t -> {
          parameters.addAll(t.dense().parameters());
          parameters.addAll(t.norm().parameters());
        });
    bias.ifPresent(parameters::add);
    return parameters;
  }

  /**
   * This rank's share of the mean cross-entropy of a task's targets.
   *
   * @param states [T, D] of all tokens of the task
   * @param globalCount targets of all ranks together, at least 1
   * @return a scalar, in nats: the sum over this rank's targets divided by the global count; 0
   *     where the rank has none
   */
  public Variable loss(Graph g, Variable states, TokenTask task, long globalCount) {
    Variable x = g.gatherRows(states, task.positions()); // [N, D]
    Variable seen = transform.isPresent() ? transform.get().apply(g, x) : x;
    Variable sum =
        TiledCrossEntropy.DEFAULT.sum(
            g, seen, g.parameter(words), bias.map(g::parameter), task.targets());
    return g.scale(sum, 1.0 / globalCount);
  }

  /**
   * The logits of all tokens at some positions, for sampling and inspection.
   *
   * @param x [N, D] states
   * @return [N, V]
   */
  public Variable logits(Graph g, Variable x) {
    Variable seen = transform.isPresent() ? transform.get().apply(g, x) : x;
    Variable logits = g.matmul(seen, false, g.parameter(words), true, 1);
    return bias.isPresent() ? g.add(logits, g.parameter(bias.get())) : logits;
  }
}
