package io.batchwright.kernel.cuda;

import static io.batchwright.kernel.Arguments.elements;
import static io.batchwright.kernel.Arguments.integers;
import static io.batchwright.kernel.Arguments.like;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameFloating;
import static io.batchwright.kernel.Arguments.sameStored;

import io.batchwright.kernel.ElementKernels;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongToDoubleFunction;

/** {@link ElementKernels} by the kernels of {@code elements.cu}. */
final class CudaElements implements ElementKernels {
  /** What is done to tensors of BF16 as well. */
  private static final Set<String> OF_BF16 = Set.of("add", "axpy", "gelu", "geluBackward");

  private static final int TILE = 1 << 16;

  private final CudaDevice device;

  CudaElements(CudaDevice device) {
    this.device = device;
  }

  @Override
  public void fill(Tensor out, double value) {
    long bits =
        switch (out.dtype()) {
          case F32 -> Float.floatToRawIntBits((float) value);
          case F64 -> Double.doubleToRawLongBits(value);
          case I32 -> (int) value;
          case BF16 -> bf16((float) value);
        };
    CudaMemory.written(out);
    each(
        Checks.sized("fill", out.dtype()),
        out,
        launch -> launch.tensor(out).number(out.elements()).number(bits));
  }

  /** The nearest BF16, ties to even; NaN stays NaN. */
  private static int bf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return Float.isNaN(value) ? bits >>> 16 | 0x40 : (bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16;
  }

  @Override
  public void fillUniform(
      Tensor out, RandomStream stream, long firstPosition, double low, double high) {
    generate("fillUniform", out, i -> low + (high - low) * stream.uniformAt(firstPosition + i));
  }

  @Override
  public void fillGaussian(
      Tensor out, RandomStream stream, long firstPosition, double mean, double deviation) {
    generate("fillGaussian", out, i -> mean + deviation * stream.gaussianAt(firstPosition + i));
  }

  /** Drawn on the host: needed once a run, and a model starts with the same bits on any device. */
  private void generate(String operation, Tensor out, LongToDoubleFunction values) {
    require(
        out.dtype() == DType.F32 || out.dtype() == DType.F64,
        operation,
        "out must be F32 or F64, got %s",
        out);
    Tensor flat = out.reshape(Shape.of(Math.toIntExact(out.elements())));
    for (int done = 0; done < out.elements(); done += TILE) {
      double[] tile = new double[(int) Math.min(TILE, out.elements() - done)];
      for (int i = 0; i < tile.length; i++) {
        tile[i] = values.applyAsDouble((long) done + i);
      }
      flat.rows(done, done + tile.length).copyFrom(tile);
    }
  }

  @Override
  public void copy(Tensor in, Tensor out) {
    require(in.dtype() == out.dtype(), "copy", "out must be %s, got %s", in.dtype(), out);
    elements("copy", "out", out, in.elements());
    CudaMemory.written(out);
    device.copy(CudaMemory.addressOf(in), CudaMemory.addressOf(out), in.bytes());
  }

  @Override
  public void cast(Tensor in, Tensor out) {
    require(
        out.dtype() != DType.I32 || in.dtype() == DType.I32,
        "cast",
        "out must hold floating-point numbers, got %s",
        out);
    elements("cast", "out", out, in.elements());
    if (in.dtype() == out.dtype()) {
      copy(in, out);
      return;
    }
    String kernel = ("cast_" + in.dtype() + "_" + out.dtype()).toLowerCase(Locale.ROOT);
    each(kernel, out, launch -> launch.tensor(in).tensor(out).number(out.elements()));
  }

  @Override
  public void add(Tensor a, Tensor b, Tensor out) {
    binary("add", a, b, out);
  }

  @Override
  public void subtract(Tensor a, Tensor b, Tensor out) {
    binary("subtract", a, b, out);
  }

  @Override
  public void multiply(Tensor a, Tensor b, Tensor out) {
    binary("multiply", a, b, out);
  }

  @Override
  public void divide(Tensor a, Tensor b, Tensor out) {
    binary("divide", a, b, out);
  }

  @Override
  public void scale(Tensor in, double factor, Tensor out) {
    scaled("scale", in, factor, out);
  }

  @Override
  public void shift(Tensor in, double addend, Tensor out) {
    scaled("shift", in, addend, out);
  }

  @Override
  public void axpy(double factor, Tensor x, Tensor out) {
    like("axpy", "x", x, out);
    scaled("axpy", x, factor, out);
  }

  @Override
  public void scaleEach(List<Tensor> tensors, double[] factors) {
    ManyTensors all = new ManyTensors();
    for (int i = 0; i < factors.length; i++) {
      all.add(List.of(tensors.get(i)), factors[i]);
    }
    all.launch(device, "scale_each");
  }

  @Override
  public void axpyEach(double[] factors, List<Tensor> xs, List<Tensor> outs) {
    ManyTensors all = new ManyTensors();
    for (int i = 0; i < factors.length; i++) {
      all.add(List.of(xs.get(i), outs.get(i)), factors[i]);
    }
    all.launch(device, "axpy_each");
  }

  @Override
  public void exp(Tensor in, Tensor out) {
    unary("exp", in, out);
  }

  @Override
  public void log(Tensor in, Tensor out) {
    unary("log", in, out);
  }

  @Override
  public void sqrt(Tensor in, Tensor out) {
    unary("sqrt", in, out);
  }

  @Override
  public void tanh(Tensor in, Tensor out) {
    unary("tanh", in, out);
  }

  @Override
  public void tanhBackward(Tensor out, Tensor dOut, Tensor dIn) {
    backward("tanhBackward", "tanh_backward", out, dOut, dIn);
  }

  @Override
  public void sign(Tensor in, Tensor out) {
    unary("sign", in, out);
  }

  @Override
  public void relu(Tensor in, Tensor out) {
    unary("relu", in, out);
  }

  @Override
  public void reluBackward(Tensor in, Tensor dOut, Tensor dIn) {
    backward("reluBackward", "relu_backward", in, dOut, dIn);
  }

  @Override
  public void gelu(Tensor in, Tensor out) {
    unary("gelu", in, out);
  }

  @Override
  public void geluBackward(Tensor in, Tensor dOut, Tensor dIn) {
    backward("geluBackward", "gelu_backward", in, dOut, dIn);
  }

  @Override
  public void dropout(Tensor in, RandomStream stream, Tensor rows, double probability, Tensor out) {
    require(
        probability >= 0 && probability < 1,
        "dropout",
        "probability must be in [0, 1), got %s",
        probability);
    sameStored("dropout", in, out);
    elements("dropout", "out", out, in.elements());
    integers("dropout", "rows", rows);
    elements("dropout", "rows", rows, in.shape().rows());
    each(
        Checks.typed("dropout", in.dtype()),
        out,
        launch ->
            launch
                .tensor(in)
                .tensor(rows)
                .tensor(out)
                .number(out.elements())
                .number(in.shape().columns())
                .number(stream.key())
                .number(leastKept(probability))
                .real(1 / (1 - probability)));
  }

  /** The least draw, unsigned, that dropout keeps. */
  static long leastKept(double probability) {
    return Math.round(probability * 0x1p32);
  }

  @Override
  public void maskedFill(Tensor in, Tensor keep, double value, Tensor out) {
    sameFloating("maskedFill", in, out);
    integers("maskedFill", "keep", keep);
    like("maskedFill", "keep", keep, in);
    like("maskedFill", "out", out, in);
    each(
        Checks.typed("masked_fill", in.dtype()),
        out,
        launch ->
            launch
                .tensor(in)
                .tensor(keep)
                .tensor(out)
                .number(out.elements())
                .scalar(in.dtype(), value));
  }

  private void unary(String operation, Tensor in, Tensor out) {
    check(operation, in, out);
    like(operation, "out", out, in);
    each(
        Checks.typed(operation, in.dtype()),
        out,
        launch -> launch.tensor(in).tensor(out).number(out.elements()));
  }

  private void scaled(String operation, Tensor in, double scalar, Tensor out) {
    check(operation, in, out);
    like(operation, "out", out, in);
    each(
        Checks.typed(operation, in.dtype()),
        out,
        launch -> launch.tensor(in).tensor(out).number(out.elements()).scalar(in.dtype(), scalar));
  }

  private void backward(String operation, String kernel, Tensor of, Tensor dOut, Tensor dIn) {
    like(operation, "dOut", dOut, of);
    binary(operation, kernel, of, dOut, dIn);
  }

  private void binary(String operation, Tensor a, Tensor b, Tensor out) {
    binary(operation, operation, a, b, out);
  }

  /** BF16 only where there is a kernel for it. */
  private static void check(String operation, Tensor first, Tensor... others) {
    if (OF_BF16.contains(operation)) {
      sameStored(operation, first, others);
    } else {
      sameFloating(operation, first, others);
    }
  }

  private void binary(String operation, String kernel, Tensor a, Tensor b, Tensor out) {
    check(operation, a, b, out);
    like(operation, "out", out, a);
    int repeat = repeatOf(a.shape(), b.shape());
    require(
        repeat >= 0,
        operation,
        "b must be %s, or a row, a column or one element, got %s",
        a.shape(),
        b);
    each(
        Checks.typed(kernel, a.dtype()),
        out,
        launch ->
            launch
                .tensor(a)
                .tensor(b)
                .tensor(out)
                .number(out.elements())
                .number(a.shape().columns())
                .whole(repeat));
  }

  /** How the kernels repeat b: 0 not, 1 a row, 2 a column, 3 one element; -1 if it does not fit. */
  private static int repeatOf(Shape a, Shape b) {
    if (a.equals(b)) {
      return 0;
    }
    if (b.elements() == 1) {
      return 3;
    }
    if (b.rows() == 1 && b.columns() == a.columns() && b.rank() <= a.rank()) {
      return 1;
    }
    return b.rank() == a.rank() && b.columns() == 1 && b.rows() == a.rows() ? 2 : -1;
  }

  private void each(String kernel, Tensor out, Parameters parameters) {
    if (out.elements() > 0) {
      Launch launch = Launch.elements(kernel, out.elements());
      parameters.add(launch);
      device.launch(launch);
    }
  }

  private interface Parameters {
    void add(Launch launch);
  }
}
