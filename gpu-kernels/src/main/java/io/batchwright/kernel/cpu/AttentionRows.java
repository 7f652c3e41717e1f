package io.batchwright.kernel.cpu;

import io.batchwright.kernel.cpu.AttentionRun.Tile;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;

/** What is done to the rows of a tile of scores; the two types do the same. */
interface AttentionRows {
  /** Scores become the weights of values: probabilities, some lost. Log sums are noted. */
  void normalize(AttentionRun run, Tile tile);

  /** Before {@link #differentiate}: notes each head's dot product of out and dOut. */
  void along(AttentionRun run, Tensor dOut);

  /**
   * Scores become weights again, and {@code others}, gradients of weights, become those of scores:
   * {@code dS = P (kept dP - sum of kept P dP)}; that sum is what {@link #along} noted.
   */
  void differentiate(AttentionRun run, Tile tile);

  /** In single precision: as many rows together as stay in the nearest cache. */
  final class OfFloats implements AttentionRows {
    private float[] allAlong;

    @Override
    public void normalize(AttentionRun run, Tile tile) {
      RowLoops loops = run.scratch.rows;
      int pitch = tile.pitch();
      int most = RowLoops.rowsTogether(pitch);
      float[] rows = run.scratch.floatRow(Slots.SCORES, most * pitch);
      float[] maxima = run.scratch.floats0;
      float[] factors = run.scratch.floats1;
      double[] sums = run.scratch.doubles0;
      for (int first = 0; first < tile.rows(); first += most) {
        int count = Math.min(most, tile.rows() - first);
        long address = run.row(run.scores, tile, first);
        readScores(run, tile, first, count, rows);
        loops.exponentials(rows, count, pitch, maxima, sums, run.scratch);
        for (int r = 0; r < count; r++) {
          float logSum = (float) (maxima[r] + FloatMath.log(sums[r]));
          OffHeap.putFloat(run.logSum(tile, first + r), logSum);
          factors[r] = (float) (1 / sums[r]);
        }
        loops.scaleRows(rows, count, pitch, factors);
        if (run.drops()) {
          FloatLoops.multiply(rows, run.keptFloats(tile, first, count), rows, count * pitch);
        }
        OffHeap.put(rows, address, count * pitch);
      }
    }

    /** Those of a query; what it does not see, or is no score, is -infinity. */
    private static void readScores(
        AttentionRun run, Tile tile, int first, int count, float[] rows) {
      int pitch = tile.pitch();
      OffHeap.get(run.row(run.scores, tile, first), rows, count * pitch);
      for (int r = 0; r < count; r++) {
        int seen = tile.seen(first + r, run.pass.form().causal());
        Arrays.fill(rows, r * pitch + seen, (r + 1) * pitch, Float.NEGATIVE_INFINITY);
      }
    }

    @Override
    public void along(AttentionRun run, Tensor dOut) {
      int heads = run.pass.form().heads();
      int positions = dOut.shape().dim(0);
      allAlong = run.scratch.floatRow(Slots.ALONG, positions * heads);
      run.workers.rows(
          positions,
          run.dims,
          (first, end) -> along(run, dOut, (int) first, (int) end, run.workers.scratch()));
    }

    private void along(AttentionRun run, Tensor dOut, int first, int end, Scratch scratch) {
      int heads = run.pass.form().heads();
      float[] out = scratch.floatRow(Slots.ROW_4, run.dims);
      float[] grad = scratch.floatRow(Slots.ROW_5, run.dims);
      for (int p = first; p < end; p++) {
        OffHeap.get(run.at(run.pass.out(), p, 0), out, run.dims);
        OffHeap.get(run.at(dOut, p, 0), grad, run.dims);
        for (int head = 0; head < heads; head++) {
          int from = head * run.headDims;
          allAlong[p * heads + head] =
              (float) scratch.rows.dot(out, grad, from, from + run.headDims);
        }
      }
    }

    @Override
    public void differentiate(AttentionRun run, Tile tile) {
      RowLoops loops = run.scratch.rows;
      int pitch = tile.pitch();
      int most = RowLoops.rowsTogether(pitch);
      int heads = run.pass.form().heads();
      float[] rows = run.scratch.floatRow(Slots.SCORES, most * pitch);
      float[] others = run.scratch.floatRow(Slots.SCORES_OTHER, most * pitch);
      float[] shifts = run.scratch.floats0;
      float[] along = run.scratch.floats1;
      for (int first = 0; first < tile.rows(); first += most) {
        int count = Math.min(most, tile.rows() - first);
        int floats = count * pitch;
        readScores(run, tile, first, count, rows);
        for (int r = 0; r < count; r++) {
          shifts[r] = -OffHeap.floatAt(run.logSum(tile, first + r));
          along[r] = allAlong[(tile.first() + first + r) * heads + tile.head()];
        }
        loops.expRows(rows, count, pitch, shifts, run.scratch);
        long otherAddress = run.row(run.others, tile, first);
        OffHeap.get(otherAddress, others, floats);
        float[] kept = run.drops() ? run.keptFloats(tile, first, count) : null;
        if (kept != null) {
          FloatLoops.multiply(others, kept, others, floats);
        }
        loops.weighRows(rows, others, count, pitch, along);
        OffHeap.put(others, otherAddress, floats);
        if (kept != null) {
          FloatLoops.multiply(rows, kept, rows, floats);
        }
        OffHeap.put(rows, run.row(run.scores, tile, first), floats);
      }
    }
  }

  /** In double precision. */
  final class OfDoubles implements AttentionRows {
    private double[] allAlong;

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
    public void along(AttentionRun run, Tensor dOut) {
      int heads = run.pass.form().heads();
      int positions = dOut.shape().dim(0);
      allAlong = run.scratch.doubleRow(Slots.ALONG, positions * heads);
      run.workers.rows(
          positions,
          run.dims,
          (first, end) -> along(run, dOut, (int) first, (int) end, run.workers.scratch()));
    }

    private void along(AttentionRun run, Tensor dOut, int first, int end, Scratch scratch) {
      int heads = run.pass.form().heads();
      double[] out = scratch.doubleRow(Slots.ROW_4, run.dims);
      double[] grad = scratch.doubleRow(Slots.ROW_5, run.dims);
      for (int p = first; p < end; p++) {
        OffHeap.get(run.at(run.pass.out(), p, 0), out, run.dims);
        OffHeap.get(run.at(dOut, p, 0), grad, run.dims);
        for (int head = 0; head < heads; head++) {
          double dot = 0;
          for (int i = head * run.headDims; i < (head + 1) * run.headDims; i++) {
            dot += out[i] * grad[i];
          }
          allAlong[p * heads + head] = dot;
        }
      }
    }

    @Override
    public void differentiate(AttentionRun run, Tile tile) {
      int heads = run.pass.form().heads();
      double[] row = run.scratch.doubleRow(Slots.SCORES, tile.keys());
      double[] other = run.scratch.doubleRow(Slots.SCORES_OTHER, tile.keys());
      for (int r = 0; r < tile.rows(); r++) {
        int seen = tile.seen(r, run.pass.form().causal());
        double dot = allAlong[(tile.first() + r) * heads + tile.head()];
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
