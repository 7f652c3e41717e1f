package io.batchwright.train.step;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.collective.Collective;
import io.batchwright.train.collective.ReduceOp;
import io.batchwright.train.graph.Gradient;
import io.batchwright.train.graph.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Replaces each rank's gradients by their sum over ranks, and sums a few numbers on the way.
 *
 * <p>One small all-reduce carries the numbers and, for each parameter, how many rows each rank
 * touched. Row-sparse gradients are then summed over the union of those rows only, dense ones
 * together. The order is the order of the parameters on every rank.
 */
final class GradientReducer {
  private static final int DENSE = -1;

  private final Collective ranks;
  private final Backend backend;
  private final List<Parameter> parameters;

  GradientReducer(Collective ranks, Backend backend, List<Parameter> parameters) {
    this.ranks = ranks;
    this.backend = backend;
    this.parameters = parameters.stream().filter(parameter -> !parameter.frozen()).toList();
  }

  /**
   * Sums gradients and {@code numbers} over ranks.
   *
   * @param numbers this rank's summands; they become the sums
   * @param step holds the summed gradients
   */
  void reduce(double[] numbers, Arena step) {
    int world = ranks.world();
    double[] message = Arrays.copyOf(numbers, numbers.length + parameters.size() * world);
    for (int p = 0; p < parameters.size(); p++) {
      message[numbers.length + p * world + ranks.rank()] = touchedRows(parameters.get(p));
    }
    ranks.allReduce(message);
    System.arraycopy(message, 0, numbers, 0, numbers.length);
    if (world == 1) {
      return;
    }
    List<Tensor> dense = new ArrayList<>();
    for (int p = 0; p < parameters.size(); p++) {
      int from = numbers.length + p * world;
      int[] rows =
          Arrays.stream(message, from, from + world).mapToInt(value -> (int) value).toArray();
      Parameter parameter = parameters.get(p);
      if (IntStream.of(rows).anyMatch(count -> count == DENSE)) {
        dense.add(spreadOut(parameter, step));
      } else if (IntStream.of(rows).allMatch(count -> count == 0)) {
        parameter.clearGradient();
      } else {
        parameter.gradient(Gradient.sparse(sumRows(parameter, rows, step)));
      }
    }
    ranks.allReduce(dense, ReduceOp.SUM);
  }

  private static int touchedRows(Parameter parameter) {
    Optional<Gradient> gradient = parameter.gradient();
    if (gradient.isPresent() && !gradient.get().isSparse()) {
      return DENSE;
    }
    return gradient.flatMap(Gradient::rowSparse).map(RowSparse::count).orElse(0);
  }

  private Tensor spreadOut(Parameter parameter, Arena step) {
    Optional<Gradient> gradient = parameter.gradient();
    if (gradient.isPresent() && !gradient.get().isSparse()) {
      return gradient.get().values();
    }
    Tensor like = parameter.storage();
    Tensor dense = step.zeros(parameter.name(), like.dtype(), like.shape());
    gradient
        .flatMap(Gradient::rowSparse)
        .filter(rows -> rows.count() > 0)
        .ifPresent(rows -> backend.scatterAddRows(rows.values(), rows.rows(), 1, dense));
    parameter.gradient(Gradient.dense(dense));
    return dense;
  }

  private RowSparse sumRows(Parameter parameter, int[] counts, Arena step) {
    Optional<RowSparse> own =
        parameter.gradient().flatMap(Gradient::rowSparse).filter(rows -> rows.count() > 0);
    int[] ownRows = own.map(rows -> rows.rows().toInts()).orElse(new int[0]);
    int[] union = IntStream.of(ranks.allGather(ownRows, counts)).sorted().distinct().toArray();
    Tensor like = parameter.storage();
    Tensor sums =
        step.zeros(parameter.name(), like.dtype(), union.length, like.shape().columns()); // [U, D]
    if (own.isPresent()) {
      Tensor places = step.allocate(parameter.name() + ".places", DType.I32, ownRows.length);
      places.copyFrom(IntStream.of(ownRows).map(row -> Arrays.binarySearch(union, row)).toArray());
      backend.scatterAddRows(own.get().values(), places, 1, sums);
    }
    ranks.allReduce(sums, ReduceOp.SUM);
    Tensor rows = step.allocate(parameter.name() + ".rows", DType.I32, union.length);
    rows.copyFrom(union);
    return new RowSparse(rows, sums);
  }
}
