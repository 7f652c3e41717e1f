package io.batchwright.train.model;

import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;

/** How the vectors of a text's tokens become one. */
public enum Pooling {
  /** Their mean; zero for an empty text. */
  MEAN {
    @Override
    Variable apply(Graph graph, Variable states, Tensor cuSeqlens) {
      return graph.segmentMean(states, cuSeqlens);
    }
  },
  /** The first one, where BERT has its classification token; no text may be empty. */
  CLS {
    @Override
    Variable apply(Graph graph, Variable states, Tensor cuSeqlens) {
      return picked(graph, states, cuSeqlens, 0, 0);
    }
  },
  /** The last one, for models that see only what stands before; no text may be empty. */
  LAST {
    @Override
    Variable apply(Graph graph, Variable states, Tensor cuSeqlens) {
      return picked(graph, states, cuSeqlens, 1, -1);
    }
  };

  /**
   * One row for each text.
   *
   * @param states [T, D]
   * @param cuSeqlens [B + 1] offsets (I32)
   * @return [B, D]
   * @throws IllegalArgumentException if a text is empty and this is not {@link #MEAN}
   */
  abstract Variable apply(Graph graph, Variable states, Tensor cuSeqlens);

  /** The row at {@code offsets[b + neighbour] + shift} of each text b. */
  private static Variable picked(
      Graph graph, Variable states, Tensor cuSeqlens, int neighbour, int shift) {
    int[] offsets = cuSeqlens.toInts();
    int[] rows = new int[offsets.length - 1];
    for (int b = 0; b < rows.length; b++) {
      if (offsets[b] == offsets[b + 1]) {
        throw new IllegalArgumentException("text " + b + " of the batch is empty");
      }
      rows[b] = offsets[b + neighbour] + shift;
    }
    return graph.gatherRows(states, graph.arena().ints("pooled rows", rows, rows.length));
  }
}
