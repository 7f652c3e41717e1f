package io.batchwright.kernel.cpu;

import static io.batchwright.kernel.Arguments.elements;
import static io.batchwright.kernel.Arguments.like;
import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.sameFloating;

import io.batchwright.kernel.Arguments;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;

/** Rows, and means of rows, scaled to unit length: a row is read once from memory. */
final class RowUnits {
  private static final double SHORTEST = 1e-12;

  private final Workers workers;

  RowUnits(Workers workers) {
    this.workers = workers;
  }

  void normalize(Tensor in, Tensor norms, Tensor out) {
    sameFloating("l2Normalize", in, norms, out);
    rank("l2Normalize", "in", in, 2);
    elements("l2Normalize", "norms", norms, in.shape().rows());
    like("l2Normalize", "out", out, in);
    workers.rows(
        in.shape().dim(0),
        in.shape().columns(),
        (from, to) -> {
          Scratch scratch = workers.scratch();
          for (int b = (int) from; b < to; b++) {
            unit(in, norms, out, b, scratch);
          }
        });
  }

  void backward(Tensor out, Tensor norms, Tensor dOut, Tensor dIn) {
    sameFloating("l2NormalizeBackward", out, norms, dOut, dIn);
    rank("l2NormalizeBackward", "out", out, 2);
    elements("l2NormalizeBackward", "norms", norms, out.shape().rows());
    like("l2NormalizeBackward", "dOut", dOut, out);
    like("l2NormalizeBackward", "dIn", dIn, out);
    int width = out.shape().columns();
    workers.rows(
        out.shape().dim(0),
        width,
        (from, to) -> {
          Scratch scratch = workers.scratch();
          for (int b = (int) from; b < to; b++) {
            if (out.dtype() == DType.F32) {
              float[] row = floatGradient(out, norms, dOut, b, scratch);
              OffHeap.put(row, Rows.address(dIn, b), width);
            } else {
              Rows.put(gradient(out, norms, dOut, b, scratch), dIn, b, scratch);
            }
          }
        });
  }

  void pool(Tensor in, Tensor cuSeqlens, Tensor norms, Tensor out) {
    Scratch scratch = workers.scratch();
    int[] offsets = offsets("poolNormalize", cuSeqlens, in, scratch);
    int[] positions = scratch.intRow(Slots.TOKENS, in.shape().dim(0));
    for (int t = 0; t < in.shape().dim(0); t++) {
      positions[t] = t;
    }
    workers.rows(
        out.shape().dim(0),
        work(in, out),
        (from, to) ->
            pool(in, offsets, positions, norms, out, (int) from, (int) to, workers.scratch()));
  }

  /** Elements that are read for a row of the pooled matrix, on average. */
  private static long work(Tensor all, Tensor pooled) {
    return all.elements() / Math.max(1, pooled.shape().dim(0)) + pooled.shape().columns();
  }

  private static void pool(
      Tensor in,
      int[] offsets,
      int[] positions,
      Tensor norms,
      Tensor out,
      int first,
      int end,
      Scratch scratch) {
    RowAccumulator sum = RowAccumulator.of(in.dtype(), in.shape().columns(), scratch);
    for (int b = first; b < end; b++) {
      long to = Rows.address(out, b);
      int length = offsets[b + 1] - offsets[b];
      sum.sum(CpuMemory.addressOf(in), positions, null, offsets[b], offsets[b + 1], to);
      if (length > 1) {
        sum.resume(to);
        sum.scale(1.0 / length);
        sum.end();
      }
      unit(out, norms, out, b, scratch);
    }
  }

  void poolBackward(Tensor out, Tensor norms, Tensor cuSeqlens, Tensor dOut, Tensor dIn) {
    Scratch scratch = workers.scratch();
    int[] offsets = offsets("poolNormalizeBackward", cuSeqlens, dIn, scratch);
    workers.rows(
        out.shape().dim(0),
        work(dIn, out),
        (from, to) ->
            poolBackward(out, norms, offsets, dOut, dIn, (int) from, (int) to, workers.scratch()));
  }

  private static void poolBackward(
      Tensor out,
      Tensor norms,
      int[] offsets,
      Tensor dOut,
      Tensor dIn,
      int first,
      int end,
      Scratch scratch) {
    int width = out.shape().columns();
    for (int b = first; b < end; b++) {
      double share = 1.0 / (offsets[b + 1] - offsets[b]);
      if (offsets[b] == offsets[b + 1]) {
        continue;
      }
      if (out.dtype() == DType.F32) {
        float[] row = floatGradient(out, norms, dOut, b, scratch);
        FloatLoops.scale(row, (float) share, row, width);
        for (int t = offsets[b]; t < offsets[b + 1]; t++) {
          OffHeap.put(row, Rows.address(dIn, t), width);
        }
      } else {
        double[] row = gradient(out, norms, dOut, b, scratch);
        DoubleLoops.scale(row, share, row, width);
        for (int t = offsets[b]; t < offsets[b + 1]; t++) {
          Rows.put(row, dIn, t, scratch);
        }
      }
    }
  }

  private static int[] offsets(String operation, Tensor cuSeqlens, Tensor in, Scratch scratch) {
    int count = cuSeqlens.shape().dim(0) - 1;
    int[] offsets = scratch.intRow(Slots.OFFSETS, count + 1);
    OffHeap.get(CpuMemory.addressOf(cuSeqlens), offsets, count + 1);
    Arguments.offsets(operation, offsets, count, in.shape().dim(0), "positions");
    return offsets;
  }

  /** Row b of {@code in}, which may be {@code out}. */
  private static void unit(Tensor in, Tensor norms, Tensor out, int b, Scratch scratch) {
    int width = in.shape().columns();
    if (in.dtype() == DType.F32) {
      float[] row = scratch.floatRow(Slots.ROW, width);
      OffHeap.get(Rows.address(in, b), row, width);
      double norm = Math.sqrt(scratch.rows.dot(row, row, width));
      FloatLoops.scale(row, (float) (1 / Math.max(norm, SHORTEST)), row, width);
      OffHeap.put(row, Rows.address(out, b), width);
      OffHeap.putFloat(CpuMemory.addressOf(norms) + 4L * b, (float) norm);
      return;
    }
    double[] row = scratch.doubleRow(Slots.ROW, width);
    OffHeap.get(Rows.address(in, b), row, width);
    double squares = 0;
    for (int i = 0; i < width; i++) {
      squares += row[i] * row[i];
    }
    double norm = Math.sqrt(squares);
    DoubleLoops.scale(row, 1 / Math.max(norm, SHORTEST), row, width);
    OffHeap.put(row, Rows.address(out, b), width);
    OffHeap.putDouble(CpuMemory.addressOf(norms) + 8L * b, norm);
  }

  /** The gradient of row b before it was scaled, in an array of the scratch. */
  private static float[] floatGradient(
      Tensor out, Tensor norms, Tensor dOut, int b, Scratch scratch) {
    int width = out.shape().columns();
    float[] unit = scratch.floatRow(Slots.ROW, width);
    float[] grad = scratch.floatRow(Slots.ROW_SUM, width);
    OffHeap.get(Rows.address(out, b), unit, width);
    OffHeap.get(Rows.address(dOut, b), grad, width);
    double norm = OffHeap.floatAt(CpuMemory.addressOf(norms) + 4L * b);
    float along = norm > SHORTEST ? (float) scratch.rows.dot(unit, grad, width) : 0f;
    float factor = (float) (1 / Math.max(norm, SHORTEST));
    for (int i = 0; i < width; i++) {
      grad[i] = (grad[i] - unit[i] * along) * factor;
    }
    return grad;
  }

  /** {@link #floatGradient} in double precision. */
  private static double[] gradient(Tensor out, Tensor norms, Tensor dOut, int b, Scratch scratch) {
    int width = out.shape().columns();
    double[] unit = scratch.doubleRow(Slots.ROW, width);
    double[] grad = scratch.doubleRow(Slots.ROW_SUM, width);
    OffHeap.get(Rows.address(out, b), unit, width);
    OffHeap.get(Rows.address(dOut, b), grad, width);
    double norm = OffHeap.doubleAt(CpuMemory.addressOf(norms) + 8L * b);
    double dot = 0;
    for (int i = 0; i < width; i++) {
      dot += unit[i] * grad[i];
    }
    double along = norm > SHORTEST ? dot : 0;
    double factor = 1 / Math.max(norm, SHORTEST);
    for (int i = 0; i < width; i++) {
      grad[i] = (grad[i] - unit[i] * along) * factor;
    }
    return grad;
  }
}
