package io.batchwright.jobs.bench.engine;

import static io.batchwright.jobs.bench.engine.OperationInputs.DIMS;
import static io.batchwright.jobs.bench.engine.OperationInputs.LENGTH;
import static io.batchwright.jobs.bench.engine.OperationInputs.ROWS;
import static io.batchwright.jobs.bench.engine.OperationInputs.VOCABULARY;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Whole rows of a table, and elements chosen by number. */
final class RowOperations {
  private static final int BAGS = 1024;

  private RowOperations() {}

  static List<Operation> all(OperationInputs inputs) {
    Backend backend = inputs.backend();
    Tensor table = inputs.gaussian(VOCABULARY, DIMS);
    int[] ids = inputs.below(VOCABULARY, BAGS * LENGTH);
    Tensor tokens = inputs.ints(ids);
    Tensor offsets = inputs.offsets(BAGS, LENGTH);
    Tensor gathered = inputs.zeros(BAGS * LENGTH, DIMS);
    Tensor means = inputs.zeros(BAGS, DIMS);
    Tensor dMeans = inputs.gaussian(BAGS, DIMS);
    Tensor some = inputs.ints(Arrays.copyOf(ids, ROWS));
    Tensor values = inputs.gaussian(ROWS, DIMS);
    Tensor into = inputs.zeros(VOCABULARY, DIMS);
    Tensor joined = inputs.zeros(2 * ROWS, DIMS);
    Tensor columns = inputs.ints(inputs.below(DIMS, ROWS));
    Tensor picked = inputs.zeros(ROWS);
    List<Tensor> parts = List.of(values, gathered.rows(0, ROWS));
    return List.of(
        new Operation(
            "pick a column [4096, 384]", () -> backend.selectColumns(values, columns, picked)),
        new Operation(
            "add to a picked column [4096, 384]",
            () -> backend.addToColumns(picked, columns, values)),
        new Operation("join rows, two of [4096, 384]", () -> backend.concatRows(parts, joined)),
        new Operation(
            "scatter-add [4096] into [30522, 384]",
            () -> backend.scatterAddRows(values, some, 1, into)),
        new Operation(
            "gradient of 4096 rows of [30522, 384]",
            () ->
                backend.sumRows(
                    List.of(new RowSparse(some, values)), VOCABULARY, inputs.freshScratch())),
        new Operation(
            "embedding [65536] of [30522, 384]", () -> backend.gatherRows(table, tokens, gathered)),
        new Operation(
            "embedding bag [1024 x 64] of [30522, 384]",
            () -> backend.embeddingBagMean(table, tokens, offsets, means)),
        new Operation(
            "embedding bag and its gradient",
            () -> {
              Arena scratch = inputs.freshScratch();
              backend.embeddingBagMean(table, tokens, offsets, means);
              backend.embeddingBagMeanBackward(dMeans, tokens, offsets, VOCABULARY, scratch);
            }));
  }
}
