package io.batchwright.kernel.check;

import io.batchwright.kernel.AdamWRule;
import io.batchwright.kernel.Addend;
import io.batchwright.kernel.AttentionDropout;
import io.batchwright.kernel.AttentionForm;
import io.batchwright.kernel.AttentionGradients;
import io.batchwright.kernel.AttentionPass;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Moments;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * How fast operations are. Each is repeated until a sample takes at least a twentieth of a second,
 * with one wait at its end; of seven samples the least, the median and the greatest are given.
 */
public final class KernelTimes {
  private static final int SAMPLES = 7;
  private static final double LEAST_SECONDS = 0.05;
  private static final int TOKENS = 8192;
  private static final int[][] LAYERS = {
    {768, 2304}, {768, 768}, {768, 3072}, {3072, 768},
    {384, 1152}, {384, 384}, {384, 1536}, {1536, 384}
  };

  private final Backend backend;
  private final Consumer<Time> each;
  private final List<Time> times = new ArrayList<>();

  private KernelTimes(Backend backend, Consumer<Time> each) {
    this.backend = backend;
    this.each = each;
  }

  /**
   * Matrix products: 4096^3, and BERT-base's and MiniLM's layers in three layouts, forward also
   * with a bias and GELU.
   */
  public static List<Time> products(Backend backend, Consumer<Time> each) {
    KernelTimes times = new KernelTimes(backend, each);
    times.product("4096^3", 4096, 4096, 4096, false, true);
    for (int[] layer : LAYERS) {
      String name = "%d tokens, %d -> %d".formatted(TOKENS, layer[0], layer[1]);
      times.product("forward " + name, TOKENS, layer[1], layer[0], false, true);
      times.layer(name, layer[1], layer[0]);
      times.product("inputs' gradient " + name, TOKENS, layer[0], layer[1], false, false);
      times.product("weights' gradient " + name, layer[1], layer[0], TOKENS, true, false);
    }
    return times.times;
  }

  /** What is neither a matrix product nor attention. */
  public static List<Time> others(Backend backend, Consumer<Time> each) {
    KernelTimes times = new KernelTimes(backend, each);
    times.launches();
    times.memory();
    return times.times;
  }

  /** Attention of 8,192 tokens, forward and backward. */
  public static List<Time> attention(Backend backend, Consumer<Time> each) {
    KernelTimes times = new KernelTimes(backend, each);
    for (int length : new int[] {128, 512}) {
      for (int headDims : new int[] {32, 64}) {
        times.attention(length, 12, headDims);
      }
    }
    return times.times;
  }

  /**
   * The ten best of a million documents of 768 dims, which lie on the device, for 1,024 queries.
   */
  public static List<Time> search(Backend backend, Consumer<Time> each) {
    KernelTimes times = new KernelTimes(backend, each);
    times.search(1024, 40_000, 25, 768, 10);
    return times.times;
  }

  private void search(int queries, int tile, int tiles, int dims, int k) {
    try (Arena arena = backend.arena("search")) {
      float[] vectors = new float[tile * dims];
      RandomStream stream = RandomStream.of(3, "search", 0, 0);
      for (int i = 0; i < vectors.length; i++) {
        vectors[i] = (float) stream.gaussianAt(i);
      }
      List<Tensor> documents = new ArrayList<>();
      for (int t = 0; t < tiles; t++) {
        documents.add(arena.floats("documents", rotated(vectors, dims, t), tile, dims));
      }
      Tensor asked = documents.get(0).rows(0, queries);
      Tensor scores = arena.allocate("scores", DType.F32, queries, tile);
      Tensor best = arena.allocate("best", DType.F32, queries, k);
      Tensor ordinals = arena.allocate("ordinals", DType.I32, queries, k);
      measure(
          "%,d queries, %,d x %d, k = %d".formatted(queries, tile * tiles, dims, k),
          "queries/s",
          queries,
          best,
          () -> {
            backend.fill(best, Double.NEGATIVE_INFINITY);
            backend.fill(ordinals, -1);
            for (int t = 0; t < tiles; t++) {
              backend.matmul(asked, false, documents.get(t), true, 1, 0, scores);
              backend.keepBest(scores, tile, t * tile, best, ordinals);
            }
          });
    }
  }

  /** Each row turned by so many places: another vector. */
  private static float[] rotated(float[] rows, int width, int places) {
    float[] turned = new float[rows.length];
    for (int r = 0; r < rows.length; r += width) {
      System.arraycopy(rows, r, turned, r + places, width - places);
      System.arraycopy(rows, r + width - places, turned, r, places);
    }
    return turned;
  }

  private void layer(String name, int n, int k) {
    try (Arena arena = backend.arena("layer")) {
      DType dtype = backend.activations();
      Tensor x = arena.allocate("x", dtype, TOKENS, k);
      backend.cast(normal(arena, TOKENS, k), x);
      Tensor weight = normal(arena, n, k);
      Tensor bias = normal(arena, 1, n).reshape(n);
      Tensor before = arena.allocate("before", dtype, TOKENS, n);
      Tensor out = arena.allocate("out", dtype, TOKENS, n);
      double teraflops = 2e-12 * TOKENS * n * k;
      measure(
          "forward with bias " + name,
          "TF/s",
          teraflops,
          out,
          () -> backend.linear(x, weight, bias, out));
      measure(
          "forward with bias and GELU " + name,
          "TF/s",
          teraflops,
          out,
          () -> backend.linearGelu(x, weight, bias, before, out));
    }
  }

  private void product(String name, int m, int n, int k, boolean ta, boolean tb) {
    try (Arena arena = backend.arena("product")) {
      Tensor a = ta ? normal(arena, k, m) : normal(arena, m, k);
      Tensor b = tb ? normal(arena, n, k) : normal(arena, k, n);
      Tensor out = arena.allocate("out", DType.F32, m, n);
      measure(name, "TF/s", 2e-12 * m * n * k, out, () -> backend.matmul(a, ta, b, tb, 1, 0, out));
    }
  }

  private void launches() {
    try (Arena arena = backend.arena("launches")) {
      Tensor small = normal(arena, 32, 1);
      measure("launches of 32 elements", "per s", 1, small, () -> backend.scale(small, 1, small));
    }
  }

  private void memory() {
    int rows = 65_536;
    int width = 768;
    double gigabytes = 4e-9 * rows * width;
    try (Arena arena = backend.arena("memory")) {
      Tensor in = normal(arena, rows, width);
      Tensor out = arena.allocate("out", DType.F32, rows, width);
      Tensor gain = normal(arena, 1, width).reshape(width);
      Tensor statistics = arena.allocate("statistics", DType.F32, rows, 2);
      measure("add", "GB/s", 3 * gigabytes, out, () -> backend.add(in, in, out));
      measure("gelu", "GB/s", 2 * gigabytes, out, () -> backend.gelu(in, out));
      measure("softmax", "GB/s", 2 * gigabytes, out, () -> backend.softmax(in, null, out));
      measure(
          "layer norm",
          "GB/s",
          2 * gigabytes,
          out,
          () -> backend.layerNorm(in, gain, gain, 1e-5, statistics, out));
      Tensor sum = arena.allocate("sum", DType.F32, rows, width);
      measure(
          "add and layer norm",
          "GB/s",
          4 * gigabytes,
          out,
          () ->
              backend.addLayerNorm(
                  List.of(Addend.of(in), Addend.of(in)), gain, gain, 1e-5, sum, statistics, out));
      Tensor dGain = arena.allocate("dGain", DType.F32, width);
      Tensor dBias = arena.allocate("dBias", DType.F32, width);
      Tensor dIn = arena.allocate("dIn", DType.F32, rows, width);
      measure(
          "layer norm backward",
          "GB/s",
          3 * gigabytes,
          dIn,
          () -> backend.layerNormBackward(in, gain, statistics, out, dIn, dGain, dBias));
      Moments moments =
          new Moments(
              arena.zeros("m", DType.F32, rows, width), arena.zeros("v", DType.F32, rows, width));
      measure(
          "AdamW",
          "GB/s",
          7 * gigabytes,
          out,
          () ->
              backend.adamW(
                  out, in, moments, new AdamWRule(0.9, 0.999, 1e-8, 0), new double[] {1e-4}, 1));
    }
  }

  private void attention(int length, int heads, int headDims) {
    int sequences = TOKENS / length;
    int width = heads * headDims;
    try (Arena arena = backend.arena("attention");
        Arena work = backend.arena("work")) {
      Tensor q = normal(arena, TOKENS, width);
      Tensor out = arena.allocate("out", DType.F32, TOKENS, width);
      int[] offsets = new int[sequences + 1];
      Arrays.setAll(offsets, i -> i * length);
      AttentionPass pass =
          new AttentionPass(
              q,
              q,
              q,
              arena.ints("offsets", offsets),
              new AttentionForm(heads, false),
              AttentionDropout.NONE,
              out,
              arena.allocate("logSums", DType.F32, TOKENS, heads));
      AttentionGradients gradients =
          new AttentionGradients(
              arena.allocate("dQ", DType.F32, TOKENS, width),
              arena.allocate("dK", DType.F32, TOKENS, width),
              arena.allocate("dV", DType.F32, TOKENS, width));
      double teraflops = 4e-12 * TOKENS * length * width;
      String name = "attention %s, %d x %d, %d heads of %d";
      measure(
          name.formatted("forward", sequences, length, heads, headDims),
          "TF/s",
          teraflops,
          out,
          () -> backend.attention(pass, work));
      measure(
          name.formatted("backward", sequences, length, heads, headDims),
          "TF/s",
          2.5 * teraflops,
          gradients.dValues(),
          () -> {
            work.reset();
            backend.attentionBackward(pass, q, gradients, work);
          });
    }
  }

  private static Tensor normal(Arena arena, int rows, int columns) {
    Tensor tensor = arena.allocate("in", DType.F32, rows, columns);
    RandomStream stream = RandomStream.of(3, "times", 0, 0);
    float[] tile = new float[columns];
    for (int i = 0; i < columns; i++) {
      tile[i] = (float) stream.gaussianAt(i);
    }
    float[] all = new float[rows * columns];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(tile, r % columns, all, r * columns, columns - r % columns);
      System.arraycopy(
          tile, 0, all, r * columns + columns - r % columns, r % columns); // rows differ
    }
    tensor.copyFrom(all);
    return tensor;
  }

  /**
   * @param amount of the unit that one call does
   * @param read what is read to wait for the device; only its first row is
   */
  private void measure(String name, String unit, double amount, Tensor read, Runnable call) {
    Tensor first = read.rows(0, 1);
    int calls = 1;
    seconds(call, calls, first); // compiles and warms up
    double seconds = seconds(call, calls, first);
    while (seconds < LEAST_SECONDS) {
      calls = (int) Math.ceil(calls * Math.max(2, 1.2 * LEAST_SECONDS / seconds));
      seconds = seconds(call, calls, first);
    }
    double[] rates = new double[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      rates[i] = amount * calls / seconds(call, calls, first);
    }
    Arrays.sort(rates);
    Time time = new Time(name, unit, rates[0], rates[SAMPLES / 2], rates[SAMPLES - 1]);
    times.add(time);
    each.accept(time);
  }

  private static double seconds(Runnable call, int calls, Tensor read) {
    read.toDoubles();
    long start = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      call.run();
    }
    read.toDoubles();
    return (System.nanoTime() - start) / 1e9;
  }

  /** One row of the results. */
  public record Time(String name, String unit, double least, double median, double greatest) {
    /** The same under a name that says whose it is. */
    public Time by(String provider) {
      return new Time(name + ", " + provider, unit, least, median, greatest);
    }

    /** As a row of a table. */
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "| %s | %s | %.4g | %.4g | %.4g |", name, unit, least, median, greatest);
    }
  }
}
