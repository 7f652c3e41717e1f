package io.batchwright.kernel.cpu;

import io.batchwright.kernel.cpu.AttentionRun.Tile;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;

/** What is done to the rows of a tile of scores; the two types do the same. */
interface AttentionRows {
  /** Scores become the weights of values: probabilities, some lost. Log sums are noted. */
  void normalize(AttentionRun run, Tile tile);

  /**
   * Scores become weights again, and {@code others}, gradients of weights, become those of scores:
   * {@code dS = P (kept dP - sum of kept P dP)}; that sum is the dot product of out and dOut.
   */
  void differentiate(AttentionRun run, Tile tile, Tensor dOut);

  /** In single precision. */
  final class OfFloats implements AttentionRows {
    @Override
    public void normalize(AttentionRun run, Tile tile) {
      float[] row = run.scratch.floatRow(Slots.SCORES, tile.keys());
      for (int r = 0; r < tile.rows(); r++) {
        int seen = tile.seen(r, run.pass.form().causal());
        long address = run.row(run.scores, tile, r);
        OffHeap.get(address, row, seen);
        float max = run.scratch.rows.max(row, seen);
        run.scratch.rows.exp(row, -max, row, seen, run.scratch);
        double sum = run.scratch.rows.sum(row, seen);
        FloatLoops.scale(row, (float) (1 / sum), row, seen);
        if (run.drops()) {
          FloatLoops.multiply(row, run.keptFloats(tile, r, seen), row, seen);
        }
        Arrays.fill(row, seen, tile.keys(), 0f);
        OffHeap.put(row, address, tile.keys());
        OffHeap.putFloat(run.logSum(tile, r), (float) (max + StrictMath.log(sum)));
      }
    }

    @Override
    public void differentiate(AttentionRun run, Tile tile, Tensor dOut) {
      float[] row = run.scratch.floatRow(Slots.SCORES, tile.keys());
      float[] other = run.scratch.floatRow(Slots.SCORES_OTHER, tile.keys());
      float[] out = run.scratch.floatRow(Slots.ROW_4, run.headDims);
      float[] grad = run.scratch.floatRow(Slots.ROW_5, run.headDims);
      for (int r = 0; r < tile.rows(); r++) {
        int seen = tile.seen(r, run.pass.form().causal());
        OffHeap.get(run.at(run.pass.out(), tile.first() + r, tile.head()), out, run.headDims);
        OffHeap.get(run.at(dOut, tile.first() + r, tile.head()), grad, run.headDims);
        double dot = run.scratch.rows.dot(out, grad, run.headDims); // sum over keys of weight * dP
        long address = run.row(run.scores, tile, r);
        OffHeap.get(address, row, seen);
        float logSum = OffHeap.floatAt(run.logSum(tile, r));
        run.scratch.rows.exp(row, -logSum, row, seen, run.scratch);
        Arrays.fill(row, seen, tile.keys(), 0f);
        long otherAddress = run.row(run.others, tile, r);
        OffHeap.get(otherAddress, other, tile.keys());
        float[] kept = run.drops() ? run.keptFloats(tile, r, seen) : null;
        if (kept != null) {
          FloatLoops.multiply(other, kept, other, seen);
        }
        FloatLoops.weigh(row, other, (float) dot, tile.keys());
        OffHeap.put(other, otherAddress, tile.keys());
        if (kept != null) {
          FloatLoops.multiply(row, kept, row, seen);
        }
        OffHeap.put(row, address, tile.keys());
      }
    }
  }

  /** In double precision. */
  final class OfDoubles implements AttentionRows {
    @Override
    public void normalize(AttentionRun run, Tile tile) {
      double[] row = run.scratch.doubleRow(Slots.SCORES, tile.keys());
      for (int r = 0; r < tile.rows(); r++) {
        int seen = tile.seen(r, run.pass.form().causal());
        long address = run.row(run.scores, tile, r);
        OffHeap.get(address, row, seen);
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < seen; i++) {
          max = Math.max(max, row[i]);
        }
        DoubleLoops.shift(row, -max, row, seen);
        DoubleLoops.exp(row, row, seen);
        double sum = 0;
        for (int i = 0; i < seen; i++) {
          sum += row[i];
        }
        DoubleLoops.scale(row, 1 / sum, row, seen);
        if (run.drops()) {
          DoubleLoops.multiply(row, run.keptDoubles(tile, r, seen), row, seen);
        }
        Arrays.fill(row, seen, tile.keys(), 0);
        OffHeap.put(row, address, tile.keys());
        OffHeap.putDouble(run.logSum(tile, r), max + StrictMath.log(sum));
      }
    }

    @Override
    public void differentiate(AttentionRun run, Tile tile, Tensor dOut) {
      double[] row = run.scratch.doubleRow(Slots.SCORES, tile.keys());
      double[] other = run.scratch.doubleRow(Slots.SCORES_OTHER, tile.keys());
      double[] out = run.scratch.doubleRow(Slots.ROW_4, run.headDims);
      double[] grad = run.scratch.doubleRow(Slots.ROW_5, run.headDims);
      for (int r = 0; r < tile.rows(); r++) {
        int seen = tile.seen(r, run.pass.form().causal());
        OffHeap.get(run.at(run.pass.out(), tile.first() + r, tile.head()), out, run.headDims);
        OffHeap.get(run.at(dOut, tile.first() + r, tile.head()), grad, run.headDims);
        double dot = 0; // sum over keys of weight * dP
        for (int i = 0; i < run.headDims; i++) {
          dot += out[i] * grad[i];
        }
        long address = run.row(run.scores, tile, r);
        OffHeap.get(address, row, seen);
        DoubleLoops.shift(row, -OffHeap.doubleAt(run.logSum(tile, r)), row, seen);
        DoubleLoops.exp(row, row, seen);
        Arrays.fill(row, seen, tile.keys(), 0);
        long otherAddress = run.row(run.others, tile, r);
        OffHeap.get(otherAddress, other, tile.keys());
        double[] kept = run.drops() ? run.keptDoubles(tile, r, seen) : null;
        if (kept != null) {
          DoubleLoops.multiply(other, kept, other, seen);
        }
        DoubleLoops.shift(other, -dot, other, tile.keys());
        DoubleLoops.multiply(row, other, other, tile.keys());
        OffHeap.put(other, otherAddress, tile.keys());
        if (kept != null) {
          DoubleLoops.multiply(row, kept, row, seen);
        }
        OffHeap.put(row, address, tile.keys());
      }
    }
  }
}
