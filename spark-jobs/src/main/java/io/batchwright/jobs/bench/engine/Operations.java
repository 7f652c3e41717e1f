package io.batchwright.jobs.bench.engine;

import io.batchwright.kernel.AdamWRule;
import io.batchwright.kernel.AttentionDropout;
import io.batchwright.kernel.AttentionForm;
import io.batchwright.kernel.AttentionGradients;
import io.batchwright.kernel.AttentionPass;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Moments;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Single operations of the engine on fixed inputs, in the order in which {@code
 * benchmarks/peers/torch_operations.py} numbers PyTorch's.
 */
final class Operations {
  private static final int ROWS = 4096;
  private static final int DIMS = 384;
  private static final int VOCABULARY = 30_522;
  private static final int TEXTS = 64;
  private static final int LENGTH = 64;

  private final Backend backend;
  private final Arena arena;
  private final Arena scratch;
  private final List<Operation> all = new ArrayList<>();
  private int drawn;

  /**
   * One operation.
   *
   * @param name of it and its shapes
   * @param once computes it
   */
  record Operation(String name, Runnable once) {}

  Operations(Backend backend, Arena arena) {
    this.backend = backend;
    this.arena = arena;
    this.scratch = arena.child("scratch");
    elements();
    rows();
    tables();
    attention();
    adamW();
  }

  List<Operation> all() {
    return all;
  }

  private void elements() {
    Tensor x = gaussian(ROWS, DIMS);
    Tensor y = gaussian(ROWS, DIMS);
    Tensor out = gaussian(ROWS, DIMS);
    add("add [4096, 384]", () -> backend.add(x, y, out));
    add("exp [4096, 384]", () -> backend.exp(x, out));
    add("tanh [4096, 384]", () -> backend.tanh(x, out));
    Tensor inner = gaussian(ROWS, 4 * DIMS);
    Tensor dInner = gaussian(ROWS, 4 * DIMS);
    Tensor innerOut = gaussian(ROWS, 4 * DIMS);
    add("gelu [4096, 1536]", () -> backend.gelu(inner, innerOut));
    add("gelu backward [4096, 1536]", () -> backend.geluBackward(inner, dInner, innerOut));
  }

  private void rows() {
    Tensor scores = gaussian(ROWS, 512);
    Tensor shares = gaussian(ROWS, 512);
    Tensor dScores = gaussian(ROWS, 512);
    Tensor sums = gaussian(ROWS);
    add("softmax [4096, 512]", () -> backend.softmax(scores, null, shares));
    add("softmax backward [4096, 512]", () -> backend.softmaxBackward(shares, scores, dScores));
    add("log sum exp [4096, 512]", () -> backend.logSumExp(scores, null, sums));
    Tensor x = gaussian(ROWS, DIMS);
    Tensor d = gaussian(ROWS, DIMS);
    Tensor out = gaussian(ROWS, DIMS);
    Tensor gain = gaussian(DIMS);
    Tensor bias = gaussian(DIMS);
    Tensor dGain = gaussian(DIMS);
    Tensor dBias = gaussian(DIMS);
    Tensor statistics = gaussian(ROWS, 2);
    add("layer norm [4096, 384]", () -> backend.layerNorm(x, gain, bias, 1e-12, statistics, out));
    backend.layerNorm(x, gain, bias, 1e-12, statistics, out);
    add(
        "layer norm backward [4096, 384]",
        () -> backend.layerNormBackward(x, gain, statistics, d, out, dGain, dBias));
    Tensor norms = gaussian(ROWS, 1);
    add("l2 normalize [4096, 384]", () -> backend.l2Normalize(x, norms, out));
    Tensor columns = gaussian(1, DIMS);
    Tensor rowSums = gaussian(ROWS, 1);
    add("sum over rows [4096, 384]", () -> backend.sum(x, 0, columns));
    add("sum over columns [4096, 384]", () -> backend.sum(x, 1, rowSums));
    Tensor turned = gaussian(DIMS, ROWS);
    add("transpose [4096, 384]", () -> backend.transpose(x, turned));
  }

  private void tables() {
    Tensor table = gaussian(VOCABULARY, DIMS);
    int count = 1024 * LENGTH;
    RandomStream stream = RandomStream.of(1, "tokens of an operation", 0, 0);
    int[] ids = IntStream.range(0, count).map(i -> (int) stream.belowAt(i, VOCABULARY)).toArray();
    Tensor tokens = arena.ints("tokens", ids);
    Tensor offsets = arena.ints("bags", IntStream.rangeClosed(0, 1024).map(i -> 64 * i).toArray());
    Tensor gathered = gaussian(count, DIMS);
    Tensor means = gaussian(1024, DIMS);
    add("embedding [65536] of [30522, 384]", () -> backend.gatherRows(table, tokens, gathered));
    add(
        "embedding bag [1024 x 64] of [30522, 384]",
        () -> backend.embeddingBagMean(table, tokens, offsets, means));
    Tensor dMeans = gaussian(1024, DIMS);
    add(
        "embedding bag and its gradient",
        () -> {
          scratch.reset();
          backend.embeddingBagMean(table, tokens, offsets, means);
          backend.embeddingBagMeanBackward(dMeans, tokens, offsets, VOCABULARY, scratch);
        });
    Tensor some = arena.ints("some tokens", Arrays.copyOf(ids, ROWS));
    Tensor values = gaussian(ROWS, DIMS);
    add(
        "scatter-add [4096] into [30522, 384]",
        () -> backend.scatterAddRows(values, some, 1, table));
    Tensor rows = arena.ints("rows", IntStream.range(0, ROWS).toArray());
    Tensor out = gaussian(ROWS, DIMS);
    RandomStream dropped = RandomStream.of(1, "dropout of an operation", 0, 0);
    add("dropout [4096, 384]", () -> backend.dropout(values, dropped, rows, 0.1, out));
  }

  private void attention() {
    int t = TEXTS * LENGTH;
    int d = 256;
    AttentionPass pass =
        new AttentionPass(
            gaussian(t, d),
            gaussian(t, d),
            gaussian(t, d),
            arena.ints("texts", IntStream.rangeClosed(0, TEXTS).map(i -> LENGTH * i).toArray()),
            new AttentionForm(4, false),
            AttentionDropout.NONE,
            gaussian(t, d),
            gaussian(t, 4));
    Tensor dOut = gaussian(t, d);
    AttentionGradients gradients =
        new AttentionGradients(gaussian(t, d), gaussian(t, d), gaussian(t, d));
    add(
        "attention, 64 texts of 64, 4 heads of 64",
        () -> {
          scratch.reset();
          backend.attention(pass, scratch);
        });
    add(
        "attention and its gradients",
        () -> {
          scratch.reset();
          backend.attention(pass, scratch);
          backend.attentionBackward(pass, dOut, gradients, scratch);
        });
  }

  private void adamW() {
    Tensor weights = gaussian(8192, 1024);
    Tensor gradient = gaussian(8192, 1024);
    Tensor first = arena.zeros("first moments", DType.F32, 8192, 1024);
    Tensor second = arena.zeros("second moments", DType.F32, 8192, 1024);
    Moments moments = new Moments(first, second, null);
    AdamWRule rule = new AdamWRule(0.9, 0.999, 1e-8, 0.01);
    double[] rates = {1e-4, 1e-4};
    add("AdamW [8192, 1024]", () -> backend.adamW(weights, gradient, moments, rule, rates, 1));
  }

  private void add(String name, Runnable once) {
    all.add(new Operation(name, once));
  }

  private Tensor gaussian(int... dims) {
    Tensor tensor = arena.allocate("input " + drawn, DType.F32, Shape.of(dims));
    backend.fillGaussian(tensor, RandomStream.of(drawn++, "input", 0, 0), 0, 0, 1);
    return tensor;
  }
}
