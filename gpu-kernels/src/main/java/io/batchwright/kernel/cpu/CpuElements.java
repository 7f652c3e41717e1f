package io.batchwright.kernel.cpu;

import static io.batchwright.kernel.Arguments.elements;
import static io.batchwright.kernel.Arguments.integers;
import static io.batchwright.kernel.Arguments.like;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameFloating;

import io.batchwright.kernel.ElementKernels;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.function.LongToDoubleFunction;

/** {@link ElementKernels} over tiles. */
final class CpuElements implements ElementKernels {
  private final Workers workers;

  CpuElements(Workers workers) {
    this.workers = workers;
  }

  @Override
  public void fill(Tensor out, double value) {
    int bytes = out.dtype().bytes();
    long to = CpuMemory.addressOf(out);
    boolean zeros = Double.doubleToRawLongBits(value) == 0; // in every type
    workers.elements(
        out.elements(),
        (first, end) -> {
          if (zeros) {
            OffHeap.zero(to + bytes * first, bytes * (end - first));
            return;
          }
          Scratch scratch = workers.scratch();
          int tile = (int) Math.min(Scratch.TILE, end - first);
          Arrays.fill(scratch.doubles0, 0, tile, value);
          Elements.put(out.dtype(), scratch.doubles0, to + bytes * first, tile, scratch);
          for (long done = first + tile; done < end; done += tile) {
            long count = Math.min(tile, end - done);
            OffHeap.copy(to + bytes * first, to + bytes * done, bytes * count);
          }
        });
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

  @Override
  public void copy(Tensor in, Tensor out) {
    require(in.dtype() == out.dtype(), "copy", "out must be %s, got %s", in.dtype(), out);
    elements("copy", "out", out, in.elements());
    int bytes = in.dtype().bytes();
    long from = CpuMemory.addressOf(in);
    long to = CpuMemory.addressOf(out);
    workers.elements(
        in.elements(),
        (first, end) ->
            OffHeap.copy(from + bytes * first, to + bytes * first, bytes * (end - first)));
  }

  @Override
  public void cast(Tensor in, Tensor out) {
    require(
        out.dtype() != DType.I32 || in.dtype() == DType.I32,
        "cast",
        "out must hold floating-point numbers, got %s",
        out);
    elements("cast", "out", out, in.elements());
    workers.elements(
        in.elements(), (first, end) -> cast(in, out, first, end - first, workers.scratch()));
  }

  private static void cast(Tensor in, Tensor out, long first, long count, Scratch scratch) {
    long from = CpuMemory.addressOf(in) + first * in.dtype().bytes();
    long to = CpuMemory.addressOf(out) + first * out.dtype().bytes();
    if (in.dtype() == DType.F32 && out.dtype() == DType.BF16) {
      Bf16.narrow(from, to, count, scratch);
      return;
    }
    if (in.dtype() == DType.BF16 && out.dtype() == DType.F32) {
      Bf16.widen(from, to, count, scratch);
      return;
    }
    double[] tile = scratch.doubles0;
    for (long done = 0; done < count; done += Scratch.TILE) {
      int some = (int) Math.min(Scratch.TILE, count - done);
      Elements.get(in.dtype(), from + done * in.dtype().bytes(), tile, some, scratch);
      Elements.put(out.dtype(), tile, to + done * out.dtype().bytes(), some, scratch);
    }
  }

  @Override
  public void add(Tensor a, Tensor b, Tensor out) {
    if (a.dtype() == DType.F32 && Tiles.isRow(a.shape(), b.shape())) {
      check("add", a, b, out);
      int width = a.shape().columns();
      long from = CpuMemory.addressOf(a);
      long row = CpuMemory.addressOf(b);
      long to = CpuMemory.addressOf(out);
      workers.rows(
          a.shape().rows(),
          width,
          (first, end) ->
              workers
                  .scratch()
                  .streams
                  .addRow(
                      from + 4 * first * width,
                      row,
                      to + 4 * first * width,
                      Math.toIntExact(end - first),
                      width));
      return;
    }
    binary("add", a, b, out, StreamLoops::add, FloatLoops::add, DoubleLoops::add);
  }

  @Override
  public void subtract(Tensor a, Tensor b, Tensor out) {
    binary("subtract", a, b, out, FloatLoops::subtract, DoubleLoops::subtract);
  }

  @Override
  public void multiply(Tensor a, Tensor b, Tensor out) {
    binary(
        "multiply", a, b, out, StreamLoops::multiply, FloatLoops::multiply, DoubleLoops::multiply);
  }

  @Override
  public void divide(Tensor a, Tensor b, Tensor out) {
    binary("divide", a, b, out, FloatLoops::divide, DoubleLoops::divide);
  }

  @Override
  public void scale(Tensor in, double factor, Tensor out) {
    unary(
        "scale",
        in,
        out,
        (loops, x, y, n) -> loops.scale(x, (float) factor, y, n),
        (x, y, n) -> DoubleLoops.scale(x, factor, y, n));
  }

  @Override
  public void shift(Tensor in, double addend, Tensor out) {
    unary(
        "shift",
        in,
        out,
        (loops, x, y, n) -> loops.shift(x, (float) addend, y, n),
        (x, y, n) -> DoubleLoops.shift(x, addend, y, n));
  }

  @Override
  public void axpy(double factor, Tensor x, Tensor out) {
    like("axpy", "x", x, out);
    binary(
        "axpy",
        x,
        out,
        out,
        (loops, a, b, y, n) -> loops.axpy((float) factor, a, b, y, n),
        (a, b, y, n) -> FloatLoops.axpy((float) factor, a, b, y, n),
        (a, b, y, n) -> DoubleLoops.axpy(factor, a, b, y, n));
  }

  @Override
  public void exp(Tensor in, Tensor out) {
    unary("exp", in, out, this::exp, DoubleLoops::exp);
  }

  private void exp(float[] in, float[] out, int count) {
    Scratch scratch = workers.scratch();
    scratch.rows.exp(in, 0, out, count, scratch);
  }

  @Override
  public void log(Tensor in, Tensor out) {
    unary("log", in, out, FloatLoops::log, DoubleLoops::log);
  }

  @Override
  public void sqrt(Tensor in, Tensor out) {
    unary("sqrt", in, out, FloatLoops::sqrt, DoubleLoops::sqrt);
  }

  @Override
  public void tanh(Tensor in, Tensor out) {
    unary("tanh", in, out, StreamLoops::tanh, DoubleLoops::tanh);
  }

  @Override
  public void tanhBackward(Tensor out, Tensor dOut, Tensor dIn) {
    like("tanhBackward", "dOut", dOut, out);
    binary("tanhBackward", out, dOut, dIn, FloatLoops::tanhBackward, DoubleLoops::tanhBackward);
  }

  @Override
  public void sign(Tensor in, Tensor out) {
    unary("sign", in, out, FloatLoops::sign, DoubleLoops::sign);
  }

  @Override
  public void relu(Tensor in, Tensor out) {
    unary("relu", in, out, FloatLoops::relu, DoubleLoops::relu);
  }

  @Override
  public void reluBackward(Tensor in, Tensor dOut, Tensor dIn) {
    like("reluBackward", "dOut", dOut, in);
    binary("reluBackward", in, dOut, dIn, FloatLoops::reluBackward, DoubleLoops::reluBackward);
  }

  @Override
  public void gelu(Tensor in, Tensor out) {
    unary("gelu", in, out, StreamLoops::gelu, DoubleLoops::gelu);
  }

  @Override
  public void geluBackward(Tensor in, Tensor dOut, Tensor dIn) {
    like("geluBackward", "dOut", dOut, in);
    binary(
        "geluBackward",
        in,
        dOut,
        dIn,
        StreamLoops::geluBackward,
        FloatMath::geluBackward,
        DoubleLoops::geluBackward);
  }

  @Override
  public void dropout(Tensor in, RandomStream stream, Tensor rows, double probability, Tensor out) {
    require(
        probability >= 0 && probability < 1,
        "dropout",
        "probability must be in [0, 1), got %s",
        probability);
    sameFloating("dropout", in, out);
    elements("dropout", "out", out, in.elements());
    integers("dropout", "rows", rows);
    elements("dropout", "rows", rows, in.shape().rows());
    int least = DropoutRule.least(probability);
    double factor = 1 / (1 - probability);
    int bytes = in.dtype().bytes();
    long from = CpuMemory.addressOf(in);
    long to = CpuMemory.addressOf(out);
    int[] row = rows.toInts();
    int columns = in.shape().columns();
    workers.rows(
        in.shape().rows(),
        columns,
        (top, end) -> {
          Scratch scratch = workers.scratch();
          double[] tile = scratch.doubles0;
          int[] draws = scratch.ints0;
          for (long r = top; r < end; r++) {
            long first = (long) row[(int) r] * columns;
            for (int column = 0; column < columns; column += Scratch.TILE) {
              int count = Math.min(Scratch.TILE, columns - column);
              long place = (r * columns + column) * bytes;
              Elements.get(in.dtype(), from + place, tile, count, scratch);
              stream.intsAt(first + column, draws, count);
              for (int i = 0; i < count; i++) {
                tile[i] = DropoutRule.keeps(draws[i], least) ? tile[i] * factor : 0;
              }
              Elements.put(in.dtype(), tile, to + place, count, scratch);
            }
          }
        });
  }

  @Override
  public void maskedFill(Tensor in, Tensor keep, double value, Tensor out) {
    sameFloating("maskedFill", in, out);
    integers("maskedFill", "keep", keep);
    like("maskedFill", "keep", keep, in);
    like("maskedFill", "out", out, in);
    long mask = CpuMemory.addressOf(keep);
    long from = CpuMemory.addressOf(in);
    long to = CpuMemory.addressOf(out);
    int bytes = in.dtype().bytes();
    workers.elements(
        in.elements(),
        (first, end) -> {
          Scratch scratch = workers.scratch();
          for (long done = first; done < end; done += Scratch.TILE) {
            int count = (int) Math.min(Scratch.TILE, end - done);
            OffHeap.get(mask + 4 * done, scratch.ints0, count);
            Elements.get(in.dtype(), from + bytes * done, scratch.doubles0, count, scratch);
            for (int i = 0; i < count; i++) {
              scratch.doubles0[i] = scratch.ints0[i] != 0 ? scratch.doubles0[i] : value;
            }
            Elements.put(out.dtype(), scratch.doubles0, to + bytes * done, count, scratch);
          }
        });
  }

  /** A loop of {@link StreamLoops} with one input. */
  private interface DirectUnary {
    void apply(StreamLoops loops, long in, long out, long count);
  }

  /** A loop of {@link StreamLoops} with two inputs. */
  private interface DirectBinary {
    void apply(StreamLoops loops, long a, long b, long out, long count);
  }

  private void unary(
      String operation, Tensor in, Tensor out, DirectUnary f32, Tiles.DoubleUnary f64) {
    if (in.dtype() != DType.F32) {
      unary(operation, in, out, (Tiles.FloatUnary) null, f64);
      return;
    }
    sameFloating(operation, in, out);
    like(operation, "out", out, in);
    long from = CpuMemory.addressOf(in);
    long to = CpuMemory.addressOf(out);
    workers.elements(
        in.elements(),
        (first, end) ->
            f32.apply(workers.scratch().streams, from + 4 * first, to + 4 * first, end - first));
  }

  private void unary(
      String operation, Tensor in, Tensor out, Tiles.FloatUnary f32, Tiles.DoubleUnary f64) {
    sameFloating(operation, in, out);
    like(operation, "out", out, in);
    Tiles.unary(in, out, f32, f64, workers);
  }

  private void binary(
      String operation,
      Tensor a,
      Tensor b,
      Tensor out,
      DirectBinary direct,
      Tiles.FloatBinary f32,
      Tiles.DoubleBinary f64) {
    if (a.dtype() != DType.F32 || !a.shape().equals(b.shape())) {
      binary(operation, a, b, out, f32, f64);
      return;
    }
    check(operation, a, b, out);
    long left = CpuMemory.addressOf(a);
    long right = CpuMemory.addressOf(b);
    long to = CpuMemory.addressOf(out);
    workers.elements(
        a.elements(),
        (first, end) ->
            direct.apply(
                workers.scratch().streams,
                left + 4 * first,
                right + 4 * first,
                to + 4 * first,
                end - first));
  }

  private void binary(
      String operation,
      Tensor a,
      Tensor b,
      Tensor out,
      Tiles.FloatBinary f32,
      Tiles.DoubleBinary f64) {
    check(operation, a, b, out);
    Tiles.binary(a, b, out, f32, f64, workers);
  }

  private static void check(String operation, Tensor a, Tensor b, Tensor out) {
    sameFloating(operation, a, b, out);
    like(operation, "out", out, a);
    require(
        Tiles.canRepeat(a.shape(), b.shape()),
        operation,
        "b must be %s, or a row, a column or one element, got %s",
        a.shape(),
        b);
  }

  private void generate(String operation, Tensor out, LongToDoubleFunction values) {
    require(
        out.dtype() != DType.I32, operation, "out must hold floating-point numbers, got %s", out);
    long to = CpuMemory.addressOf(out);
    workers.elements(
        out.elements(),
        (first, end) -> {
          Scratch scratch = workers.scratch();
          double[] tile = scratch.doubles0;
          for (long done = first; done < end; done += Scratch.TILE) {
            int count = (int) Math.min(Scratch.TILE, end - done);
            for (int i = 0; i < count; i++) {
              tile[i] = values.applyAsDouble(done + i);
            }
            Elements.put(out.dtype(), tile, to + done * out.dtype().bytes(), count, scratch);
          }
        });
  }
}
