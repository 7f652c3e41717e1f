package io.batchwright.train.model;

import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import java.util.List;

/** A transformer that gives each token of a text a state: what language models are made of. */
public interface TokenNetwork {
  /** All parameters, in the fixed order that reductions and checkpoints follow. */
  List<Parameter> parameters();

  /** The table of words, [V, D]. */
  Parameter words();

  /** The most tokens of a text. */
  int longestText();

  /** The standard deviation of fresh weights. */
  double initialDeviation();

  /** What layer norms add to a variance. */
  double layerNormEpsilon();

  /**
   * The state of each token.
   *
   * @return [T, D]
   * @throws IllegalArgumentException if a text is longer than {@link #longestText}
   */
  Variable states(Graph graph, TextBatch batch, ForwardPass pass);
}
