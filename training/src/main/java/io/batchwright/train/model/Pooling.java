package io.batchwright.train.model;

import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import java.util.Arrays;

/** How the vectors of a text's tokens become one. */
public enum Pooling {
  /** Their mean; zero for an empty text. */
  MEAN {
    @Override
    Variable apply(Graph graph, Variable states, Tensor cuSeqlens) {
      return graph.segmentMean(states, cuSeqlens);
    }

    @Override
    Variable unit(Graph graph, Variable states, Tensor cuSeqlens) {
      return graph.poolNormalize(states, cuSeqlens);
    }
  },
  /** The first one, where BERT has its classification token; zero for an empty text. */
  CLS {
    @Override
    Variable apply(Graph graph, Variable states, Tensor cuSeqlens) {
      return picked(graph, states, cuSeqlens, 0, 0);
    }
  },
  /** The last one, for models that see only what stands before; zero for an empty text. */
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
   */
  abstract Variable apply(Graph graph, Variable states, Tensor cuSeqlens);

  /** {@link #apply}, of unit length; zero stays zero. */
  Variable unit(Graph graph, Variable states, Tensor cuSeqlens) {
    return graph.l2Normalize(apply(graph, states, cuSeqlens));
  }

  /** The row at {@code offsets[b + neighbour] + shift} of each text b that is not empty. */
  private static Variable picked(
      Graph graph, Variable states, Tensor cuSeqlens, int neighbour, int shift) {
    int[] offsets = cuSeqlens.toInts();
    int[] rows = new int[offsets.length - 1];
    int[] ends = new int[offsets.length];
    int count = 0;
    for (int b = 0; b < rows.length; b++) {
      if (offsets[b] < offsets[b + 1]) {
        rows[count++] = offsets[b + neighbour] + shift;
      }
      ends[b + 1] = count;
    }
    Variable picked =
        graph.gatherRows(
            states, graph.arena().ints("pooled rows", Arrays.copyOf(rows, count), count));
    return count == rows.length
        ? picked
        : graph.segmentMean(picked, graph.arena().ints("pooled texts", ends, ends.length));
  }
}
