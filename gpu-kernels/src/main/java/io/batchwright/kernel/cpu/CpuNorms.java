package io.batchwright.kernel.cpu;

import static io.batchwright.kernel.Arguments.like;
import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.sameFloating;
import static io.batchwright.kernel.Arguments.shape;

import io.batchwright.kernel.Addend;
import io.batchwright.kernel.NormKernels;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** Layer norm, a row at a time in one pass over memory; statistics are in double precision. */
final class CpuNorms implements NormKernels {
  private final Supplier<Scratch> scratches;

  CpuNorms(Supplier<Scratch> scratches) {
    this.scratches = scratches;
  }

  @Override
  public void layerNorm(
      Tensor in, Tensor gain, Tensor bias, double epsilon, Tensor statistics, Tensor out) {
    sameFloating("layerNorm", in, gain, bias, statistics, out);
    int width = check("layerNorm", in, gain, statistics);
    shape("layerNorm", "bias", bias, width);
    like("layerNorm", "out", out, in);
    normalize(in, gain, bias, epsilon, statistics, out, b -> {});
  }

  @Override
  public void addLayerNorm(
      List<Addend> addends,
      Tensor gain,
      Tensor bias,
      double epsilon,
      Tensor sum,
      Tensor statistics,
      Tensor out) {
    Scratch scratch = scratches.get();
    int width = sum.shape().columns();
    RowAccumulator rows = RowAccumulator.of(sum.dtype(), width, scratch);
    List<Term> terms =
        addends.stream().map(addend -> Term.of("addLayerNorm", addend, scratch)).toList();
    long rowBytes = (long) width * sum.dtype().bytes();
    normalize(
        sum,
        gain,
        bias,
        epsilon,
        statistics,
        out,
        b -> {
          long row = Rows.address(sum, b);
          OffHeap.copy(terms.get(0).row(b), row, rowBytes);
          rows.resume(row);
          for (int i = 1; i < terms.size(); i++) {
            rows.add(terms.get(i).row(b));
          }
          rows.end();
        });
  }

  /**
   * Where the rows of an addend lie.
   *
   * @param values address of row 0
   * @param pitch bytes from one row to the next; 0 where all are the same
   * @param rows address of row numbers; 0 for none
   */
  private record Term(long values, long pitch, long rows) {
    static Term of(String operation, Addend addend, Scratch scratch) {
      Tensor values = addend.values();
      long pitch = addend.isRepeated() ? 0 : (long) values.shape().dim(1) * values.dtype().bytes();
      if (addend.rows() == null) {
        return new Term(CpuMemory.addressOf(values), pitch, 0);
      }
      int count = addend.rows().shape().dim(0);
      int[] numbers = scratch.intRow(Slots.TOKENS, count);
      long rows = CpuMemory.addressOf(addend.rows());
      OffHeap.get(rows, numbers, count);
      RowSegments.requireInside(operation, numbers, count, values.shape().dim(0));
      return new Term(CpuMemory.addressOf(values), pitch, rows);
    }

    long row(int b) {
      return values + pitch * (rows == 0 ? b : OffHeap.intAt(rows + 4L * b));
    }
  }

  /**
   * Row by row.
   *
   * @param before is told of each row before it is read
   */
  private void normalize(
      Tensor in,
      Tensor gain,
      Tensor bias,
      double epsilon,
      Tensor statistics,
      Tensor out,
      IntConsumer before) {
    if (in.dtype() == DType.F32) {
      floats(in, gain, bias, epsilon, statistics, out, before);
    } else {
      doubles(in, gain, bias, epsilon, statistics, out, before);
    }
  }

  private void floats(
      Tensor in,
      Tensor gain,
      Tensor bias,
      double epsilon,
      Tensor statistics,
      Tensor out,
      IntConsumer before) {
    Scratch scratch = scratches.get();
    int width = in.shape().columns();
    float[] row = scratch.floatRow(Slots.ROW, width);
    float[] gains = scratch.floatRow(Slots.ROW_1, width);
    float[] biases = scratch.floatRow(Slots.ROW_2, width);
    OffHeap.get(CpuMemory.addressOf(gain), gains, width);
    OffHeap.get(CpuMemory.addressOf(bias), biases, width);
    for (int b = 0; b < in.shape().dim(0); b++) {
      before.accept(b);
      OffHeap.get(Rows.address(in, b), row, width);
      double mean = scratch.rows.sum(row, width) / width;
      double variance = scratch.rows.centre(row, (float) mean, width) / width;
      double scale = 1 / Math.sqrt(variance + epsilon);
      long at = Rows.address(statistics, b);
      OffHeap.putFloat(at, (float) mean);
      OffHeap.putFloat(at + 4, (float) scale);
      scratch.rows.affine(row, (float) scale, gains, biases, width);
      OffHeap.put(row, Rows.address(out, b), width);
    }
  }

  private void doubles(
      Tensor in,
      Tensor gain,
      Tensor bias,
      double epsilon,
      Tensor statistics,
      Tensor out,
      IntConsumer before) {
    int width = in.shape().columns();
    double[] gains = gain.toDoubles();
    double[] biases = bias.toDoubles();
    double[] row = scratches.get().doubleRow(Slots.ROW, width);
    for (int b = 0; b < in.shape().dim(0); b++) {
      before.accept(b);
      OffHeap.get(Rows.address(in, b), row, width);
      double mean = 0;
      for (int i = 0; i < width; i++) {
        mean += row[i];
      }
      mean /= width;
      double variance = 0;
      for (int i = 0; i < width; i++) {
        variance += (row[i] - mean) * (row[i] - mean);
      }
      double scale = 1 / Math.sqrt(variance / width + epsilon);
      long at = Rows.address(statistics, b);
      OffHeap.putDouble(at, mean);
      OffHeap.putDouble(at + 8, scale);
      for (int i = 0; i < width; i++) {
        row[i] = (row[i] - mean) * scale * gains[i] + biases[i];
      }
      OffHeap.put(row, Rows.address(out, b), width);
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
    sameFloating("layerNormBackward", in, gain, statistics, dOut, dIn, dGain, dBias);
    int width = check("layerNormBackward", in, gain, statistics);
    like("layerNormBackward", "dOut", dOut, in);
    like("layerNormBackward", "dIn", dIn, in);
    shape("layerNormBackward", "dGain", dGain, width);
    shape("layerNormBackward", "dBias", dBias, width);
    if (in.dtype() == DType.F32) {
      floatsBackward(in, gain, statistics, dOut, dIn, dGain, dBias);
      return;
    }
    Scratch scratch = scratches.get();
    double[] gains = scratch.doubleRow(Slots.ROW_1, width);
    double[] normal = scratch.doubleRow(Slots.ROW_2, width);
    double[] grad = scratch.doubleRow(Slots.ROW_3, width);
    double[] gainSums = scratch.doubleRow(Slots.ROW_4, width);
    double[] biasSums = scratch.doubleRow(Slots.ROW_5, width);
    double[] pair = scratch.doubleRow(Slots.ROW_SUM, 2);
    Elements.get(gain.dtype(), CpuMemory.addressOf(gain), gains, width, scratch);
    Arrays.fill(gainSums, 0, width, 0);
    Arrays.fill(biasSums, 0, width, 0);
    for (int b = 0; b < in.shape().dim(0); b++) {
      Rows.get(in, b, normal, scratch);
      Rows.get(dOut, b, grad, scratch);
      Rows.get(statistics, b, pair, scratch);
      backward(normal, grad, pair, gains, gainSums, biasSums, width);
      Rows.put(grad, dIn, b, scratch);
    }
    Rows.put(gainSums, dGain, 0, scratch);
    Rows.put(biasSums, dBias, 0, scratch);
  }

  /**
   * {@code dIn = scale * (g - mean(g) - n * mean(g * n))} with {@code g = dOut * gain}, in place.
   */
  private static void backward(
      double[] row,
      double[] grad,
      double[] statistics,
      double[] gains,
      double[] gainSums,
      double[] biasSums,
      int width) {
    double mean = statistics[0];
    double scale = statistics[1];
    double sum = 0;
    double dot = 0;
    for (int i = 0; i < width; i++) {
      double normal = (row[i] - mean) * scale;
      row[i] = normal;
      gainSums[i] += grad[i] * normal;
      biasSums[i] += grad[i];
      double g = grad[i] * gains[i];
      grad[i] = g;
      sum += g;
      dot += g * normal;
    }
    double meanGrad = sum / width;
    double meanDot = dot / width;
    for (int i = 0; i < width; i++) {
      grad[i] = scale * (grad[i] - meanGrad - row[i] * meanDot);
    }
  }

  /** In single precision; the sums over rows of some rows at a time are, too. */
  private void floatsBackward(
      Tensor in,
      Tensor gain,
      Tensor statistics,
      Tensor dOut,
      Tensor dIn,
      Tensor dGain,
      Tensor dBias) {
    int width = in.shape().columns();
    Scratch scratch = scratches.get();
    ColumnSums gainSums = new ColumnSums(scratch, Slots.ROW_3, width);
    ColumnSums biasSums = new ColumnSums(scratch, Slots.ROW_4, width);
    NormRows rows =
        new NormRows(
            scratch.floatRow(Slots.ROW, width),
            scratch.floatRow(Slots.ROW_1, width),
            scratch.floatRow(Slots.ROW_2, width),
            gainSums.some(),
            biasSums.some(),
            scratch.floatRow(Slots.ROW_5, width),
            scratch.floatRow(Slots.ROW_6, width));
    double[] sums = scratch.doubleRow(Slots.ROW_SUM, 2);
    OffHeap.get(CpuMemory.addressOf(gain), rows.gains(), width);
    for (int b = 0; b < in.shape().dim(0); b++) {
      OffHeap.get(Rows.address(in, b), rows.in(), width);
      OffHeap.get(Rows.address(dOut, b), rows.dOut(), width);
      long at = Rows.address(statistics, b);
      float mean = OffHeap.floatAt(at);
      float scale = OffHeap.floatAt(at + 4);
      scratch.rows.normSums(rows, mean, scale, sums, width);
      float meanGrad = (float) (sums[0] / width);
      float along = (float) (sums[1] / width);
      gainSums.next();
      biasSums.next();
      scratch.rows.normBackward(rows, mean, scale, meanGrad, along, width);
      OffHeap.put(rows.dIn(), Rows.address(dIn, b), width);
    }
    gainSums.put(dGain);
    biasSums.put(dBias);
  }

  private static int check(String operation, Tensor in, Tensor gain, Tensor statistics) {
    rank(operation, "in", in, 2);
    int width = in.shape().columns();
    shape(operation, "gain", gain, width);
    shape(operation, "statistics", statistics, in.shape().dim(0), 2);
    return width;
  }
}
