package io.batchwright.train.loss;

import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import java.io.Serializable;
import java.util.Set;

/** The recipe of a loss over pairs of embeddings. */
public sealed interface Loss extends Serializable
    permits Dcl,
        Dclw,
        GistEmbed,
        GradCache,
        InfoNce,
        MarginMse,
        Matryoshka,
        NgameTriplet,
        TasDualSupervision,
        CustomLoss {

  /**
   * This rank's share of the global mean loss.
   *
   * @param graph records the operations
   * @param pairs this rank's pairs and those gathered from all ranks
   * @return a scalar, in nats unless the loss says otherwise: the sum of the loss over this rank's
   *     pairs divided by the global number of pairs, so that the sum over the ranks is the global
   *     mean; 0 where the rank has no pairs
   */
  Variable apply(Graph graph, EmbeddingPairs pairs);

  /** What it reads besides queries and positives and cannot do without. */
  default Set<LossInput> needs() {
    return Set.of();
  }

  /**
   * How many texts a rank encodes at once, forgetting their activations until the way back; 0: all,
   * keeping them.
   */
  default int textsAtOnce() {
    return 0;
  }
}
