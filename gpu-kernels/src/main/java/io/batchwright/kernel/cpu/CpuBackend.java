package io.batchwright.kernel.cpu;

import static io.batchwright.kernel.Arguments.apart;
import static io.batchwright.kernel.Arguments.computedAs;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameStored;

import io.batchwright.kernel.Addend;
import io.batchwright.kernel.AttentionGradients;
import io.batchwright.kernel.AttentionPass;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.JoinedKernels;
import io.batchwright.kernel.Precision;
import io.batchwright.kernel.ProductShape;
import io.batchwright.kernel.Widened;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Tensor;
import java.util.List;
import java.util.function.Consumer;

/** The CPU as a {@link Backend}: joins the groups of kernels. */
public final class CpuBackend extends JoinedKernels {
  private final CpuMemory memory = new CpuMemory();
  private final Workers workers;
  private final String provider;
  private final DType activations;

  /**
   * One backend.
   *
   * @param product multiplies inside of attention
   * @param layers multiplies elsewhere, by one thread
   */
  private CpuBackend(
      MatrixProduct product, MatrixProduct layers, DType activations, Workers workers) {
    super(
        new CpuElements(workers),
        new CpuReductions(workers),
        new CpuMatrices(layers, new CpuElements(workers), workers),
        new CpuRows(workers),
        new CpuAttention(product, workers),
        new CpuNorms(workers),
        new CpuSearch(workers),
        new CpuUpdates(workers));
    this.workers = workers;
    this.activations = activations;
    this.provider = layers.name();
  }

  private static CpuBackend of(
      MatrixProduct product, MatrixProduct layers, DType activations, int threads) {
    return of(product, layers, activations, new Workers(threads));
  }

  private static CpuBackend of(
      MatrixProduct product, MatrixProduct layers, DType activations, Workers workers) {
    return new CpuBackend(product, SharedProduct.of(layers, workers), activations, workers);
  }

  /**
   * With oneDNN, OpenBLAS or Java, as {@code batchwright.cpu.provider} says, or as the machine
   * allows. In BF16 only factors are rounded: to store in it takes more time here than it saves.
   *
   * @param threads that share the work of each call, the caller among them, at least 1
   */
  public static CpuBackend withDefaultProvider(Precision precision, int threads) {
    MatrixProduct product = Providers.byDefault();
    return precision == Precision.BF16
        ? of(product, Providers.roundingByDefault(), DType.F32, threads)
        : of(product, product, DType.F32, threads);
  }

  /** Whether the default provider multiplies bf16 by instructions of the processor. */
  public static boolean multipliesBf16() {
    return !(Providers.byDefault().rounding() instanceof RoundedProduct);
  }

  /**
   * Without native code; the same bits for any number of threads. In BF16 it stores as a GPU does,
   * for which it is a reference.
   */
  public static CpuBackend inJava(Precision precision, int threads) {
    MatrixProduct product = new JavaProduct();
    return precision == Precision.BF16
        ? of(product, product.rounding(), DType.BF16, threads)
        : of(product, product, DType.F32, threads);
  }

  /** With the provider that {@link Providers} gives for this value. */
  static CpuBackend of(String provider, Precision precision) {
    return of(provider, precision, new Workers(1));
  }

  /** The same with these threads, which it closes. */
  static CpuBackend of(String provider, Precision precision, Workers workers) {
    MatrixProduct product = Providers.choose(provider);
    MatrixProduct layers = precision == Precision.BF16 ? product.rounding() : product;
    return of(product, layers, DType.F32, workers);
  }

  @Override
  public String provider() {
    return provider;
  }

  @Override
  public DType activations() {
    return activations;
  }

  @Override
  public String device() {
    return memory.device();
  }

  @Override
  public Arena arena(String label, long maxBytes) {
    return new Arena(label, memory, maxBytes);
  }

  @Override
  public void close() {
    workers.close();
  }

  // BF16: widened, computed and rounded. Not fast; it is what a GPU is held against, so it takes
  // what a GPU takes: types are checked before they are widened.

  @Override
  public void add(Tensor a, Tensor b, Tensor out) {
    if (Widened.needed(a, b, out)) {
      sameStored("add", a, b, out);
      widened(wide -> super.add(wide.in(a), wide.in(b), wide.out(out)));
    } else {
      super.add(a, b, out);
    }
  }

  @Override
  public void axpy(double factor, Tensor x, Tensor out) {
    if (Widened.needed(x, out)) {
      sameStored("axpy", x, out);
      widened(wide -> super.axpy(factor, wide.in(x), wide.out(out)));
    } else {
      super.axpy(factor, x, out);
    }
  }

  @Override
  public void gelu(Tensor in, Tensor out) {
    if (Widened.needed(in, out)) {
      sameStored("gelu", in, out);
      widened(wide -> super.gelu(wide.in(in), wide.out(out)));
    } else {
      super.gelu(in, out);
    }
  }

  @Override
  public void geluBackward(Tensor in, Tensor dOut, Tensor dIn) {
    if (Widened.needed(in, dOut, dIn)) {
      sameStored("geluBackward", in, dOut, dIn);
      widened(wide -> super.geluBackward(wide.in(in), wide.in(dOut), wide.out(dIn)));
    } else {
      super.geluBackward(in, dOut, dIn);
    }
  }

  @Override
  public void dropout(Tensor in, RandomStream stream, Tensor rows, double probability, Tensor out) {
    if (Widened.needed(in, out)) {
      sameStored("dropout", in, out);
      widened(wide -> super.dropout(wide.in(in), stream, rows, probability, wide.out(out)));
    } else {
      super.dropout(in, stream, rows, probability, out);
    }
  }

  @Override
  public void sum(Tensor in, int dim, Tensor out) {
    if (Widened.needed(in, out)) {
      computedAs("sum", in, out);
      require(dim == 0, "sum", "BF16 is summed along dim 0 alone, got dim %d of %s", dim, in);
      widened(wide -> super.sum(wide.in(in), dim, wide.out(out)));
    } else {
      super.sum(in, dim, out);
    }
  }

  /** F32 factors beside BF16 are rounded, as on a GPU. */
  @Override
  public void matmul(
      Tensor a,
      boolean transposeA,
      Tensor b,
      boolean transposeB,
      double alpha,
      double beta,
      Tensor out) {
    if (Widened.needed(a, b, out)) {
      ProductShape.check("matmul", a, transposeA, b, transposeB, out);
      widened(
          wide ->
              super.matmul(
                  wide.rounded(a),
                  transposeA,
                  wide.rounded(b),
                  transposeB,
                  alpha,
                  beta,
                  wide.out(out)));
    } else {
      super.matmul(a, transposeA, b, transposeB, alpha, beta, out);
    }
  }

  @Override
  public void linear(Tensor x, Tensor weight, Tensor bias, Tensor out) {
    if (Widened.needed(x, weight, out)) {
      ProductShape.check("linear", x, false, weight, true, out);
      widened(wide -> super.linear(wide.rounded(x), wide.rounded(weight), bias, wide.out(out)));
    } else {
      super.linear(x, weight, bias, out);
    }
  }

  @Override
  public void linearGelu(Tensor x, Tensor weight, Tensor bias, Tensor before, Tensor out) {
    if (Widened.needed(x, weight, out)) {
      ProductShape.check("linearGelu", x, false, weight, true, out);
      sameStored("linearGelu", out, before);
      linear(x, weight, bias, before); // of what is kept GELU is taken, so it is rounded first
      gelu(before, out);
    } else {
      super.linearGelu(x, weight, bias, before, out);
    }
  }

  @Override
  public void linearAdd(Tensor x, Tensor weight, Tensor bias, Tensor residual, Tensor out) {
    if (Widened.needed(x, weight, out)) {
      ProductShape.check("linearAdd", x, false, weight, true, out);
      sameStored("linearAdd", out, residual);
      apart("linearAdd", "residual", residual, out); // wide copies always are
      widened(
          wide ->
              super.linearAdd(
                  wide.rounded(x), wide.rounded(weight), bias, wide.in(residual), wide.out(out)));
    } else {
      super.linearAdd(x, weight, bias, residual, out);
    }
  }

  @Override
  public void attention(AttentionPass pass, Arena arena) {
    if (check("attention", pass)) {
      widened(wide -> super.attention(pass.widened(wide), arena));
    } else {
      super.attention(pass, arena);
    }
  }

  @Override
  public void attentionBackward(
      AttentionPass pass, Tensor dOut, AttentionGradients gradients, Arena arena) {
    if (check("attentionBackward", pass)) {
      sameStored(
          "attentionBackward",
          pass.queries(),
          dOut,
          gradients.dQueries(),
          gradients.dKeys(),
          gradients.dValues());
      widened(
          wide ->
              super.attentionBackward(
                  pass.widened(wide), wide.in(dOut), gradients.widened(wide), arena));
    } else {
      super.attentionBackward(pass, dOut, gradients, arena);
    }
  }

  @Override
  public void layerNorm(
      Tensor in, Tensor gain, Tensor bias, double epsilon, Tensor statistics, Tensor out) {
    if (Widened.needed(in, out)) {
      sameStored("layerNorm", in, out);
      widened(wide -> super.layerNorm(wide.in(in), gain, bias, epsilon, statistics, wide.out(out)));
    } else {
      super.layerNorm(in, gain, bias, epsilon, statistics, out);
    }
  }

  /** Of what is kept the norm is taken, so the sum is rounded before it. */
  @Override
  public void addLayerNorm(
      List<Addend> addends,
      Tensor gain,
      Tensor bias,
      double epsilon,
      Tensor sum,
      Tensor statistics,
      Tensor out) {
    if (Widened.needed(sum, out)) {
      addends.forEach(addend -> sameStored("addLayerNorm", sum, addend.values(), out));
      widened(
          wide ->
              super.addLayerNorm(
                  addends.stream().map(a -> new Addend(wide.in(a.values()), a.rows())).toList(),
                  gain,
                  bias,
                  epsilon,
                  wide.out(sum),
                  statistics,
                  wide.out(out)));
      layerNorm(sum, gain, bias, epsilon, statistics, out);
    } else {
      super.addLayerNorm(addends, gain, bias, epsilon, sum, statistics, out);
    }
  }

  @Override
  public void layerNormBackward(
      Tensor in,
      Tensor gain,
      Tensor statistics,
      Tensor dOut,
      Tensor dIn,
      Tensor dGain,
      Tensor dBias) {
    if (Widened.needed(in, dOut, dIn)) {
      sameStored("layerNormBackward", in, dOut, dIn);
      widened(
          wide ->
              super.layerNormBackward(
                  wide.in(in), gain, statistics, wide.in(dOut), wide.out(dIn), dGain, dBias));
    } else {
      super.layerNormBackward(in, gain, statistics, dOut, dIn, dGain, dBias);
    }
  }

  /** Whether the pass is of BF16. */
  private static boolean check(String operation, AttentionPass pass) {
    sameStored(operation, pass.queries(), pass.keys(), pass.values(), pass.out());
    computedAs(operation, pass.queries(), pass.logSums());
    return Widened.needed(pass.queries());
  }

  private void widened(Consumer<Widened> work) {
    try (Arena copies = arena("widened");
        Widened wide = new Widened(this, copies)) {
      work.accept(wide);
    }
  }
}
