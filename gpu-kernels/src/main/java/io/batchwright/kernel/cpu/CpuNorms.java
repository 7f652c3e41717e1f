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

/** Layer norm, a row at a time in one pass over memory; statistics are in double precision. */
final class CpuNorms implements NormKernels {
  /** Groups of rows whose sums are kept until they are added. */
  private static final int GROUPS = 64;

  private final Workers workers;

  CpuNorms(Workers workers) {
    this.workers = workers;
  }

  @Override
  public void layerNorm(
      Tensor in, Tensor gain, Tensor bias, double epsilon, Tensor statistics, Tensor out) {
    sameFloating("layerNorm", in, gain, bias, statistics, out);
    int width = check("layerNorm", in, gain, statistics);
    shape("layerNorm", "bias", bias, width);
    like("layerNorm", "out", out, in);
    normalize(in, gain, bias, epsilon, statistics, out, scratch -> b -> {});
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
    int width = sum.shape().columns();
    List<Term> terms =
        addends.stream().map(addend -> Term.of("addLayerNorm", addend, workers.scratch())).toList();
    long rowBytes = (long) width * sum.dtype().bytes();
    normalize(
        sum,
        gain,
        bias,
        epsilon,
        statistics,
        out,
        scratch -> {
          RowAccumulator rows = RowAccumulator.of(sum.dtype(), width, scratch);
          return b -> {
            long row = Rows.address(sum, b);
            OffHeap.copy(terms.get(0).row(b), row, rowBytes);
            rows.resume(row);
            for (int i = 1; i < terms.size(); i++) {
              rows.add(terms.get(i).row(b));
            }
            rows.end();
          };
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

  /** What is told of each row before it is read, by one thread. */
  private interface Before {
    IntConsumer with(Scratch scratch);
  }

  /** Row by row. */
  private void normalize(
      Tensor in,
      Tensor gain,
      Tensor bias,
      double epsilon,
      Tensor statistics,
      Tensor out,
      Before before) {
    workers.rows(
        in.shape().dim(0),
        in.shape().columns(),
        (from, to) -> {
          Scratch scratch = workers.scratch();
          IntConsumer told = before.with(scratch);
          NormPass pass = new NormPass(in, epsilon, statistics, out, (int) from, (int) to, told);
          if (in.dtype() == DType.F32) {
            floats(pass, gain, bias, scratch);
          } else {
            doubles(pass, gain, bias, scratch);
          }
        });
  }

  /** Rows from {@code from} to before {@code to}. */
  private record NormPass(
      Tensor in,
      double epsilon,
      Tensor statistics,
      Tensor out,
      int from,
      int to,
      IntConsumer before) {}

  private static void floats(NormPass pass, Tensor gain, Tensor bias, Scratch scratch) {
    Tensor in = pass.in;
    int width = in.shape().columns();
    float[] row = scratch.floatRow(Slots.ROW, width);
    float[] gains = scratch.floatRow(Slots.ROW_1, width);
    float[] biases = scratch.floatRow(Slots.ROW_2, width);
    OffHeap.get(CpuMemory.addressOf(gain), gains, width);
    OffHeap.get(CpuMemory.addressOf(bias), biases, width);
    for (int b = pass.from; b < pass.to; b++) {
      pass.before.accept(b);
      OffHeap.get(Rows.address(in, b), row, width);
      double mean = scratch.rows.sum(row, width) / width;
      double variance = scratch.rows.centre(row, (float) mean, width) / width;
      double scale = 1 / Math.sqrt(variance + pass.epsilon);
      long at = Rows.address(pass.statistics, b);
      OffHeap.putFloat(at, (float) mean);
      OffHeap.putFloat(at + 4, (float) scale);
      scratch.rows.affine(row, (float) scale, gains, biases, width);
      OffHeap.put(row, Rows.address(pass.out, b), width);
    }
  }

  private static void doubles(NormPass pass, Tensor gain, Tensor bias, Scratch scratch) {
    Tensor in = pass.in;
    int width = in.shape().columns();
    double[] gains = gain.toDoubles();
    double[] biases = bias.toDoubles();
    double[] row = scratch.doubleRow(Slots.ROW, width);
    for (int b = pass.from; b < pass.to; b++) {
      pass.before.accept(b);
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
      double scale = 1 / Math.sqrt(variance / width + pass.epsilon);
      long at = Rows.address(pass.statistics, b);
      OffHeap.putDouble(at, mean);
      OffHeap.putDouble(at + 8, scale);
      for (int i = 0; i < width; i++) {
        row[i] = (row[i] - mean) * scale * gains[i] + biases[i];
      }
      OffHeap.put(row, Rows.address(pass.out, b), width);
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
      floatsBackward(new Gradient(in, gain, statistics, dOut, dIn), dGain, dBias);
      return;
    }
    Scratch scratch = workers.scratch();
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

  /** What a gradient is computed from, and that of each row. */
  private record Gradient(Tensor in, Tensor gain, Tensor statistics, Tensor dOut, Tensor dIn) {}

  /**
   * In single precision; the sums over rows of some rows at a time are, too. Each group of rows is
   * one thread's, and their sums are added in their order.
   */
  private void floatsBackward(Gradient of, Tensor dGain, Tensor dBias) {
    int width = of.in.shape().columns();
    int total = of.in.shape().dim(0);
    Scratch scratch = workers.scratch();
    float[] gainGroups = scratch.floatRow(Slots.GAIN_SUMS, GROUPS * width);
    float[] biasGroups = scratch.floatRow(Slots.BIAS_SUMS, GROUPS * width);
    double[] gainSums = scratch.doubleRow(Slots.GAIN_SUMS, width);
    double[] biasSums = scratch.doubleRow(Slots.BIAS_SUMS, width);
    Arrays.fill(gainSums, 0, width, 0);
    Arrays.fill(biasSums, 0, width, 0);
    for (int done = 0; done < total; done += GROUPS * ColumnSums.ROWS) {
      int first = done;
      int rows = Math.min(GROUPS * ColumnSums.ROWS, total - first);
      workers.rows(
          rows,
          ColumnSums.ROWS,
          width,
          (from, to) -> groups(of, first, (int) from, (int) to, gainGroups, biasGroups));
      int groups = (rows - 1) / ColumnSums.ROWS + 1;
      for (int group = 0; group < groups; group++) {
        add(gainGroups, group * width, gainSums, width);
        add(biasGroups, group * width, biasSums, width);
      }
    }
    Rows.put(gainSums, dGain, 0, scratch);
    Rows.put(biasSums, dBias, 0, scratch);
  }

  private static void add(float[] some, int from, double[] sums, int count) {
    for (int i = 0; i < count; i++) {
      sums[i] += some[from + i];
    }
  }

  /** Groups of rows counted from row {@code first}: their gradients, and each group's sums. */
  private void groups(
      Gradient of, int first, int from, int to, float[] gainGroups, float[] biasGroups) {
    Scratch scratch = workers.scratch();
    int width = of.in.shape().columns();
    NormRows rows =
        new NormRows(
            scratch.floatRow(Slots.ROW, width),
            scratch.floatRow(Slots.ROW_1, width),
            scratch.floatRow(Slots.ROW_2, width),
            scratch.floatRow(Slots.ROW_3, width),
            scratch.floatRow(Slots.ROW_4, width),
            scratch.floatRow(Slots.ROW_5, width),
            scratch.floatRow(Slots.ROW_6, width));
    OffHeap.get(CpuMemory.addressOf(of.gain), rows.gains(), width);
    for (int top = from; top < to; top += ColumnSums.ROWS) {
      Arrays.fill(rows.gainSums(), 0, width, 0);
      Arrays.fill(rows.biasSums(), 0, width, 0);
      for (int b = top; b < Math.min(to, top + ColumnSums.ROWS); b++) {
        row(of, first + b, rows, scratch);
      }
      int group = top / ColumnSums.ROWS;
      System.arraycopy(rows.gainSums(), 0, gainGroups, group * width, width);
      System.arraycopy(rows.biasSums(), 0, biasGroups, group * width, width);
    }
  }

  private static void row(Gradient of, int b, NormRows rows, Scratch scratch) {
    int width = of.in.shape().columns();
    double[] sums = scratch.doubleRow(Slots.ROW_SUM, 2);
    OffHeap.get(Rows.address(of.in, b), rows.in(), width);
    OffHeap.get(Rows.address(of.dOut, b), rows.dOut(), width);
    long at = Rows.address(of.statistics, b);
    float mean = OffHeap.floatAt(at);
    float scale = OffHeap.floatAt(at + 4);
    scratch.rows.normSums(rows, mean, scale, sums, width);
    float meanGrad = (float) (sums[0] / width);
    float along = (float) (sums[1] / width);
    scratch.rows.normBackward(rows, mean, scale, meanGrad, along, width);
    OffHeap.put(rows.dIn(), Rows.address(of.dIn, b), width);
  }

  private static int check(String operation, Tensor in, Tensor gain, Tensor statistics) {
    rank(operation, "in", in, 2);
    int width = in.shape().columns();
    shape(operation, "gain", gain, width);
    shape(operation, "statistics", statistics, in.shape().dim(0), 2);
    return width;
  }
}
