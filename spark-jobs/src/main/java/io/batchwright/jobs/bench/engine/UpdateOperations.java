package io.batchwright.jobs.bench.engine;

import static io.batchwright.jobs.bench.engine.OperationInputs.DIMS;
import static io.batchwright.jobs.bench.engine.OperationInputs.ROWS;
import static io.batchwright.jobs.bench.engine.OperationInputs.VOCABULARY;

import io.batchwright.kernel.AdamWRule;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Moments;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/** What optimizers do to parameters. */
final class UpdateOperations {
  private static final AdamWRule RULE = new AdamWRule(0.9, 0.999, 1e-8, 0.01);

  private UpdateOperations() {}

  static List<Operation> all(OperationInputs inputs) {
    Backend backend = inputs.backend();
    Tensor weights = inputs.gaussian(8192, 1024);
    Tensor gradient = inputs.gaussian(8192, 1024);
    Tensor direction = inputs.gaussian(8192, 1024);
    Moments moments = inputs.moments(8192, 1024);
    double[] rates = {1e-4, 1e-4};
    Tensor table = inputs.gaussian(VOCABULARY, DIMS);
    Moments ofTable = inputs.moments(VOCABULARY, DIMS);
    // Every seventh row: sorted and unique, as a gradient's are.
    Tensor rows = inputs.ints(IntStream.range(0, ROWS).map(i -> 7 * i).toArray());
    RowSparse touched = new RowSparse(rows, inputs.gaussian(ROWS, DIMS));
    return List.of(
        new Operation("SGD [8192, 1024]", () -> backend.sgd(weights, gradient, 1e-4)),
        new Operation(
            "AdamW [8192, 1024]", () -> backend.adamW(weights, gradient, moments, RULE, rates, 1)),
        new Operation(
            "directions of Adam [8192, 1024]",
            () -> backend.adamDirections(List.of(direction), List.of(moments), RULE, 1)),
        new Operation(
            "directions of Lion [8192, 1024]",
            () -> backend.lionDirections(List.of(direction), List.of(moments.first()), 0.9, 0.99)),
        new Operation(
            "SparseAdam on 4096 rows of [30522, 384]",
            () -> backend.adamWRowsLazy(table, touched, ofTable, RULE, rates, 1)));
  }
}
