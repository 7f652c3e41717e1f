package io.batchwright.kernel.cpu;

import static io.batchwright.kernel.Arguments.elements;
import static io.batchwright.kernel.Arguments.like;
import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameFloating;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;

/**
 * Softmax and log-sum-exp of rows: the maximum is taken out first, sums are those of {@link
 * RowLoops}.
 */
final class RowSoftmax {
  private final Workers workers;

  RowSoftmax(Workers workers) {
    this.workers = workers;
  }

  void softmax(Tensor scores, Tensor mask, Tensor out) {
    check("softmax", scores, mask);
    sameFloating("softmax", scores, out);
    like("softmax", "out", out, scores);
    rows(scores, (from, to) -> softmax(scores, mask, out, (int) from, (int) to, workers.scratch()));
  }

  private void rows(Tensor matrix, Workers.Span work) {
    int width = matrix.shape().columns();
    int together = RowLoops.rowsTogether(RowLoops.pitch(width));
    workers.rows(matrix.shape().dim(0), together, width, work);
  }

  private static void softmax(
      Tensor scores, Tensor mask, Tensor out, int from, int to, Scratch scratch) {
    int width = scores.shape().columns();
    if (scores.dtype() == DType.F32) {
      FloatRows all = new FloatRows(scores, to, scratch);
      float[] factors = scratch.floats1;
      for (int first = from; first < to; first += all.most) {
        int count = all.exponentials(mask, first);
        for (int r = 0; r < count; r++) {
          factors[r] = all.sums[r] == 0 ? 0f : (float) (1 / all.sums[r]);
        }
        scratch.rows.scaleRows(all.rows, count, all.pitch, factors);
        all.put(all.rows, out, first, count);
      }
      return;
    }
    for (int b = from; b < to; b++) {
      double[] row = scratch.doubleRow(Slots.SCORES, width);
      double sum = exponentials(scores, mask, b, row, width, scratch).sum;
      DoubleLoops.scale(row, sum == 0 ? 0 : 1 / sum, row, width);
      OffHeap.put(row, Rows.address(out, b), width);
    }
  }

  void logSumExp(Tensor scores, Tensor mask, Tensor out) {
    check("logSumExp", scores, mask);
    sameFloating("logSumExp", scores, out);
    elements("logSumExp", "out", out, scores.shape().dim(0));
    rows(
        scores,
        (from, to) -> logSumExp(scores, mask, out, (int) from, (int) to, workers.scratch()));
  }

  private static void logSumExp(
      Tensor scores, Tensor mask, Tensor out, int from, int end, Scratch scratch) {
    long to = CpuMemory.addressOf(out);
    if (scores.dtype() == DType.F32) {
      FloatRows all = new FloatRows(scores, end, scratch);
      for (int first = from; first < end; first += all.most) {
        int count = all.exponentials(mask, first);
        for (int r = 0; r < count; r++) {
          double logSum = new Exponentials(all.maxima[r], all.sums[r]).logSum();
          OffHeap.putFloat(to + 4L * (first + r), (float) logSum);
        }
      }
      return;
    }
    int width = scores.shape().columns();
    for (int b = from; b < end; b++) {
      double[] row = scratch.doubleRow(Slots.SCORES, width);
      OffHeap.putDouble(to + 8L * b, exponentials(scores, mask, b, row, width, scratch).logSum());
    }
  }

  void backward(Tensor out, Tensor dOut, Tensor dScores) {
    sameFloating("softmaxBackward", out, dOut, dScores);
    rank("softmaxBackward", "out", out, 2);
    like("softmaxBackward", "dOut", dOut, out);
    like("softmaxBackward", "dScores", dScores, out);
    rows(out, (from, to) -> backward(out, dOut, dScores, (int) from, (int) to, workers.scratch()));
  }

  private static void backward(
      Tensor out, Tensor dOut, Tensor dScores, int from, int to, Scratch scratch) {
    if (out.dtype() == DType.F32) {
      floatsBackward(out, dOut, dScores, from, to, scratch);
      return;
    }
    int width = out.shape().columns();
    double[] probabilities = scratch.doubleRow(Slots.SCORES, width);
    double[] grad = scratch.doubleRow(Slots.SCORES_OTHER, width);
    for (int b = from; b < to; b++) {
      Rows.get(out, b, probabilities, scratch);
      Rows.get(dOut, b, grad, scratch);
      double dot = 0;
      for (int i = 0; i < width; i++) {
        dot += probabilities[i] * grad[i];
      }
      for (int i = 0; i < width; i++) {
        grad[i] = probabilities[i] * (grad[i] - dot);
      }
      Rows.put(grad, dScores, b, scratch);
    }
  }

  private static void floatsBackward(
      Tensor out, Tensor dOut, Tensor dScores, int from, int to, Scratch scratch) {
    FloatRows all = new FloatRows(out, to, scratch);
    float[] grads = scratch.floatRow(Slots.SCORES_OTHER, all.most * all.pitch);
    float[] along = scratch.floats0;
    for (int first = from; first < to; first += all.most) {
      int count = all.get(out, first, all.rows);
      all.get(dOut, first, grads);
      for (int r = 0; r < count; r++) {
        int at = r * all.pitch;
        along[r] = (float) scratch.rows.dot(all.rows, grads, at, at + all.width);
      }
      scratch.rows.weighRows(all.rows, grads, count, all.pitch, along);
      all.put(grads, dScores, first, count);
    }
  }

  /**
   * Rows of floats up to before {@code end}, as many at a time as {@link RowLoops} takes together.
   */
  private static final class FloatRows {
    final int end;
    final int width;
    final int pitch;
    final int most;
    final float[] rows;
    final float[] maxima;
    final double[] sums;
    private final Tensor matrix;
    private final Scratch scratch;

    FloatRows(Tensor matrix, int end, Scratch scratch) {
      this.matrix = matrix;
      this.scratch = scratch;
      this.end = end;
      width = matrix.shape().columns();
      pitch = RowLoops.pitch(width);
      most = RowLoops.rowsTogether(pitch);
      rows = scratch.floatRow(Slots.SCORES, most * pitch);
      maxima = scratch.floats0;
      sums = scratch.doubles0;
    }

    /** Reads rows from {@code first} on; returns how many. */
    int get(Tensor from, int first, float[] to) {
      int count = Math.min(most, end - first);
      if (pitch == width) {
        OffHeap.get(Rows.address(from, first), to, count * width);
        return count;
      }
      for (int r = 0; r < count; r++) {
        OffHeap.get(Rows.address(from, first + r), to, r * pitch, width);
      }
      return count;
    }

    void put(float[] from, Tensor to, int first, int count) {
      if (pitch == width) {
        OffHeap.put(from, Rows.address(to, first), count * width);
        return;
      }
      for (int r = 0; r < count; r++) {
        OffHeap.put(from, r * pitch, Rows.address(to, first + r), width);
      }
    }

    /** Rows from {@code first} on become exponentials; returns how many. */
    int exponentials(Tensor mask, int first) {
      int count = get(matrix, first, rows);
      if (mask != null && mask.dtype() == DType.I32) {
        int[] keep = scratch.intRow(Slots.MASK, width);
        for (int r = 0; r < count; r++) {
          OffHeap.get(Rows.address(mask, first + r), keep, width);
          for (int i = 0; i < width; i++) {
            int at = r * pitch + i;
            rows[at] = keep[i] != 0 ? rows[at] : Float.NEGATIVE_INFINITY;
          }
        }
      } else if (mask != null) {
        float[] addends = scratch.floatRow(Slots.SCORES_OTHER, most * pitch);
        get(mask, first, addends);
        FloatLoops.add(rows, addends, rows, count * pitch);
      }
      for (int r = 0; r < count; r++) {
        Arrays.fill(rows, r * pitch + width, (r + 1) * pitch, Float.NEGATIVE_INFINITY);
      }
      scratch.rows.exponentials(rows, count, pitch, maxima, sums, scratch);
      return count;
    }
  }

  /** {@code max + log sum}; a maximum of -infinity means that all scores are out. */
  private record Exponentials(double max, double sum) {
    double logSum() {
      return sum == 0 ? Double.NEGATIVE_INFINITY : max + StrictMath.log(sum);
    }
  }

  private static Exponentials exponentials(
      Tensor scores, Tensor mask, int b, double[] row, int width, Scratch scratch) {
    OffHeap.get(Rows.address(scores, b), row, width);
    if (mask != null && mask.dtype() == DType.I32) {
      int[] keep = scratch.intRow(Slots.MASK, width);
      OffHeap.get(Rows.address(mask, b), keep, width);
      for (int i = 0; i < width; i++) {
        row[i] = keep[i] != 0 ? row[i] : Double.NEGATIVE_INFINITY;
      }
    } else if (mask != null) {
      double[] addend = scratch.doubleRow(Slots.SCORES_OTHER, width);
      OffHeap.get(Rows.address(mask, b), addend, width);
      DoubleLoops.add(row, addend, row, width);
    }
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < width; i++) {
      max = Math.max(max, row[i]);
    }
    if (max == Double.NEGATIVE_INFINITY) {
      Arrays.fill(row, 0, width, 0);
      return new Exponentials(max, 0);
    }
    DoubleLoops.shift(row, -max, row, width);
    DoubleLoops.exp(row, row, width);
    double sum = 0;
    for (int i = 0; i < width; i++) {
      sum += row[i];
    }
    return new Exponentials(max, sum);
  }

  private static void check(String operation, Tensor scores, Tensor mask) {
    rank(operation, "scores", scores, 2);
    if (mask != null) {
      like(operation, "mask", mask, scores);
      require(
          mask.dtype() == DType.I32 || mask.dtype() == scores.dtype(),
          operation,
          "mask must be I32 or %s, got %s",
          scores.dtype(),
          mask);
    }
  }
}
