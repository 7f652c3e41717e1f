package io.batchwright.jobs.bench.engine;

import static io.batchwright.jobs.bench.engine.OperationInputs.DIMS;
import static io.batchwright.jobs.bench.engine.OperationInputs.LENGTH;
import static io.batchwright.jobs.bench.engine.OperationInputs.ROWS;
import static io.batchwright.jobs.bench.engine.OperationInputs.TEXTS;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Sums, and what is built on them. */
final class ReductionOperations {
  private static final int BEST = 10;

  private ReductionOperations() {}

  static List<Operation> all(OperationInputs inputs) {
    List<Operation> all = new ArrayList<>();
    all.addAll(sums(inputs));
    all.addAll(probabilities(inputs));
    all.addAll(lengths(inputs));
    return all;
  }

  private static List<Operation> sums(OperationInputs inputs) {
    Backend backend = inputs.backend();
    Tensor x = inputs.gaussian(ROWS, DIMS);
    Tensor columns = inputs.zeros(1, DIMS);
    Tensor rows = inputs.zeros(ROWS, 1);
    Tensor one = inputs.zeros(1);
    List<Tensor> gradients =
        IntStream.range(0, 8).mapToObj(i -> inputs.gaussian(1024, 1024)).toList();
    Tensor scores = inputs.gaussian(256, ROWS);
    Tensor best = inputs.zeros(256, BEST);
    Tensor ordinals = inputs.ints(new int[256 * BEST]).reshape(256, BEST);
    return List.of(
        new Operation("sum over rows [4096, 384]", () -> backend.sum(x, 0, columns)),
        new Operation("sum over columns [4096, 384]", () -> backend.sum(x, 1, rows)),
        new Operation("mean over columns [4096, 384]", () -> backend.mean(x, 1, rows)),
        new Operation("greatest of columns [4096, 384]", () -> backend.max(x, 1, rows)),
        new Operation(
            "sum of all [4096, 384]",
            () -> backend.sumAll(x, one),
            "every value is widened and added in double precision; losses sum a few thousand"),
        new Operation("all are finite [4096, 384]", () -> backend.allFinite(x)),
        new Operation(
            "norm for clipping, 8 of [1024, 1024]", () -> backend.sumsOfSquares(gradients)),
        new Operation(
            "10 best of each row [256, 4096]",
            () -> {
              backend.fill(best, Double.NEGATIVE_INFINITY);
              backend.fill(ordinals, -1);
              backend.keepBest(scores, ROWS, 0, best, ordinals);
            }));
  }

  private static List<Operation> probabilities(OperationInputs inputs) {
    Backend backend = inputs.backend();
    Tensor scores = inputs.gaussian(ROWS, 512);
    Tensor keep = inputs.coins(ROWS, 512);
    Tensor shares = inputs.zeros(ROWS, 512);
    Tensor dScores = inputs.zeros(ROWS, 512);
    Tensor sums = inputs.zeros(ROWS);
    return List.of(
        new Operation("softmax [4096, 512]", () -> backend.softmax(scores, null, shares)),
        new Operation("masked softmax [4096, 512]", () -> backend.softmax(scores, keep, shares)),
        new Operation(
            "softmax backward [4096, 512]", () -> backend.softmaxBackward(shares, scores, dScores)),
        new Operation("log sum exp [4096, 512]", () -> backend.logSumExp(scores, null, sums)));
  }

  private static List<Operation> lengths(OperationInputs inputs) {
    Backend backend = inputs.backend();
    Tensor x = inputs.gaussian(ROWS, DIMS);
    Tensor d = inputs.gaussian(ROWS, DIMS);
    Tensor out = inputs.zeros(ROWS, DIMS);
    Tensor dx = inputs.zeros(ROWS, DIMS);
    Tensor norms = inputs.zeros(ROWS);
    Tensor texts = inputs.offsets(TEXTS, LENGTH);
    Tensor pooled = inputs.zeros(TEXTS, DIMS);
    Tensor dPooled = inputs.gaussian(TEXTS, DIMS);
    Tensor pooledNorms = inputs.zeros(TEXTS);
    return List.of(
        new Operation("l2 normalize [4096, 384]", () -> backend.l2Normalize(x, norms, out)),
        new Operation(
            "l2 normalize and its gradient [4096, 384]",
            () -> {
              backend.l2Normalize(x, norms, out);
              backend.l2NormalizeBackward(out, norms, d, dx);
            }),
        new Operation(
            "normalized means of 64 texts of 64 [4096, 384]",
            () -> backend.poolNormalize(x, texts, pooledNorms, pooled)),
        new Operation(
            "normalized means and their gradient [4096, 384]",
            () -> {
              backend.poolNormalize(x, texts, pooledNorms, pooled);
              backend.poolNormalizeBackward(pooled, pooledNorms, texts, dPooled, dx);
            }));
  }
}
