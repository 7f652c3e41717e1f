package io.batchwright.kernel.cpu;

import static io.batchwright.kernel.Arguments.elements;
import static io.batchwright.kernel.Arguments.like;
import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameFloating;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Softmax and log-sum-exp of rows: the maximum is taken out first, sums are those of {@link
 * RowLoops}.
 */
final class RowSoftmax {
  private final Supplier<Scratch> scratches;

  RowSoftmax(Supplier<Scratch> scratches) {
    this.scratches = scratches;
  }

  void softmax(Tensor scores, Tensor mask, Tensor out) {
    check("softmax", scores, mask);
    sameFloating("softmax", scores, out);
    like("softmax", "out", out, scores);
    Scratch scratch = scratches.get();
    int width = scores.shape().columns();
    for (int b = 0; b < scores.shape().dim(0); b++) {
      if (scores.dtype() == DType.F32) {
        float[] row = scratch.floatRow(Slots.SCORES, width);
        double sum = exponentials(scores, mask, b, row, width, scratch).sum;
        FloatLoops.scale(row, sum == 0 ? 0f : (float) (1 / sum), row, width);
        OffHeap.put(row, Rows.address(out, b), width);
      } else {
        double[] row = scratch.doubleRow(Slots.SCORES, width);
        double sum = exponentials(scores, mask, b, row, width, scratch).sum;
        DoubleLoops.scale(row, sum == 0 ? 0 : 1 / sum, row, width);
        OffHeap.put(row, Rows.address(out, b), width);
      }
    }
  }

  void logSumExp(Tensor scores, Tensor mask, Tensor out) {
    check("logSumExp", scores, mask);
    sameFloating("logSumExp", scores, out);
    elements("logSumExp", "out", out, scores.shape().dim(0));
    Scratch scratch = scratches.get();
    int width = scores.shape().columns();
    long to = CpuMemory.addressOf(out);
    for (int b = 0; b < scores.shape().dim(0); b++) {
      if (scores.dtype() == DType.F32) {
        float[] row = scratch.floatRow(Slots.SCORES, width);
        Exponentials of = exponentials(scores, mask, b, row, width, scratch);
        OffHeap.putFloat(to + 4L * b, (float) of.logSum());
      } else {
        double[] row = scratch.doubleRow(Slots.SCORES, width);
        OffHeap.putDouble(to + 8L * b, exponentials(scores, mask, b, row, width, scratch).logSum());
      }
    }
  }

  void backward(Tensor out, Tensor dOut, Tensor dScores) {
    sameFloating("softmaxBackward", out, dOut, dScores);
    rank("softmaxBackward", "out", out, 2);
    like("softmaxBackward", "dOut", dOut, out);
    like("softmaxBackward", "dScores", dScores, out);
    if (out.dtype() == DType.F32) {
      floatsBackward(out, dOut, dScores);
      return;
    }
    Scratch scratch = scratches.get();
    int width = out.shape().columns();
    double[] probabilities = scratch.doubleRow(Slots.SCORES, width);
    double[] grad = scratch.doubleRow(Slots.SCORES_OTHER, width);
    for (int b = 0; b < out.shape().dim(0); b++) {
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

  private void floatsBackward(Tensor out, Tensor dOut, Tensor dScores) {
    Scratch scratch = scratches.get();
    int width = out.shape().columns();
    float[] probabilities = scratch.floatRow(Slots.SCORES, width);
    float[] grad = scratch.floatRow(Slots.SCORES_OTHER, width);
    for (int b = 0; b < out.shape().dim(0); b++) {
      OffHeap.get(Rows.address(out, b), probabilities, width);
      OffHeap.get(Rows.address(dOut, b), grad, width);
      float dot = (float) scratch.rows.dot(probabilities, grad, width);
      FloatLoops.weigh(probabilities, grad, dot, width);
      OffHeap.put(grad, Rows.address(dScores, b), width);
    }
  }

  /** {@code max + log sum}; a maximum of -infinity means that all scores are out. */
  private record Exponentials(double max, double sum) {
    double logSum() {
      return sum == 0 ? Double.NEGATIVE_INFINITY : max + StrictMath.log(sum);
    }
  }

  private static Exponentials exponentials(
      Tensor scores, Tensor mask, int b, float[] row, int width, Scratch scratch) {
    OffHeap.get(Rows.address(scores, b), row, width);
    if (mask != null && mask.dtype() == DType.I32) {
      int[] keep = scratch.intRow(Slots.MASK, width);
      OffHeap.get(Rows.address(mask, b), keep, width);
      for (int i = 0; i < width; i++) {
        row[i] = keep[i] != 0 ? row[i] : Float.NEGATIVE_INFINITY;
      }
    } else if (mask != null) {
      float[] addend = scratch.floatRow(Slots.SCORES_OTHER, width);
      OffHeap.get(Rows.address(mask, b), addend, width);
      FloatLoops.add(row, addend, row, width);
    }
    float max = scratch.rows.max(row, width);
    if (max == Float.NEGATIVE_INFINITY) {
      Arrays.fill(row, 0, width, 0f);
      return new Exponentials(max, 0);
    }
    scratch.rows.exp(row, -max, row, width, scratch);
    return new Exponentials(max, scratch.rows.sum(row, width));
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
