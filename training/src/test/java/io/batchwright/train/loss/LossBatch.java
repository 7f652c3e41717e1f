package io.batchwright.train.loss;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A batch with all that losses can read, as the test's whole world: one rank, or cut into several.
 *
 * @param negatives M mined negatives, those of one pair beside each other
 */
record LossBatch(
    long[] positiveIds,
    long[] equalHashes,
    long[] negativeIds,
    int[] owners,
    double[][] guideQueries,
    double[][] guidePositives,
    double[][] guideNegatives,
    double[] teacherPositives,
    double[] teacherNegatives) {

  /** The pairs of a world of one. */
  EmbeddingPairs pairs(Graph g, Variable queries, Variable positives, Variable negatives) {
    DType dtype = queries.value().dtype();
    GatheredPairs all =
        new GatheredPairs(
            queries,
            positives,
            positiveIds,
            equalHashes,
            KnownAnswers.NONE,
            Optional.of(new GatheredNegatives(negatives, negativeIds, owners)),
            new Teaching(
                Optional.of(
                    new Teaching.Guide(
                        matrix(g.arena(), dtype, guideQueries),
                        matrix(g.arena(), dtype, guidePositives),
                        matrix(g.arena(), dtype, guideNegatives))),
                Optional.of(new Teaching.Scores(teacherPositives, teacherNegatives))));
    return new EmbeddingPairs(queries, positives, 0, all);
  }

  /** The same batch with its pairs in another order, and which negatives go where. */
  LossBatch permuted(int[] order) {
    int[] moved = negativesOf(order);
    int[] place = new int[order.length];
    Arrays.setAll(place, i -> 0);
    for (int i = 0; i < order.length; i++) {
      place[order[i]] = i;
    }
    return new LossBatch(
        pick(positiveIds, order),
        pick(equalHashes, order),
        pick(negativeIds, moved),
        Arrays.stream(moved).map(k -> place[owners[k]]).toArray(),
        pick(guideQueries, order),
        pick(guidePositives, order),
        pick(guideNegatives, moved),
        pick(teacherPositives, order),
        pick(teacherNegatives, moved));
  }

  /** The negatives in the order of their owners in {@code order}. */
  int[] negativesOf(int[] order) {
    List<Integer> moved = new ArrayList<>();
    for (int owner : order) {
      for (int k = 0; k < owners.length; k++) {
        if (owners[k] == owner) {
          moved.add(k);
        }
      }
    }
    return moved.stream().mapToInt(Integer::intValue).toArray();
  }

  private static Tensor matrix(Arena arena, DType dtype, double[][] rows) {
    int dims = rows.length == 0 ? 1 : rows[0].length;
    Tensor tensor = arena.allocate("guide", dtype, Shape.of(rows.length, dims));
    tensor.copyFrom(Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray());
    return tensor;
  }

  private static long[] pick(long[] values, int[] order) {
    return Arrays.stream(order).mapToLong(i -> values[i]).toArray();
  }

  private static double[] pick(double[] values, int[] order) {
    return Arrays.stream(order).mapToDouble(i -> values[i]).toArray();
  }

  private static double[][] pick(double[][] values, int[] order) {
    return Arrays.stream(order).mapToObj(i -> values[i]).toArray(double[][]::new);
  }
}
