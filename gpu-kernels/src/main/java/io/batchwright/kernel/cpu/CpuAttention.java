package io.batchwright.kernel.cpu;

import static io.batchwright.kernel.Arguments.integers;
import static io.batchwright.kernel.Arguments.like;
import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameFloating;
import static io.batchwright.kernel.Arguments.shape;

import io.batchwright.kernel.AttentionForm;
import io.batchwright.kernel.AttentionGradients;
import io.batchwright.kernel.AttentionPass;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Attention by matrix products over tiles of {@value #TILE} queries, which read the columns of a
 * head where they lie; each row of a tile's scores goes through an array of the heap once.
 */
final class CpuAttention {
  private static final int TILE = 64;

  private final MatrixProduct product;
  private final Supplier<Scratch> scratches;

  CpuAttention(MatrixProduct product, Supplier<Scratch> scratches) {
    this.product = product;
    this.scratches = scratches;
  }

  void forward(AttentionPass pass, Arena arena) {
    check("attention", pass);
    Run run = new Run(pass, arena, 1);
    run.eachTile(
        tile -> {
          run.scores(tile);
          run.rows.normalize(run, tile);
          // [rows, keys] x [keys, D / H] -> [rows, D / H]
          run.multiply(
              new MatrixProduct.Size(tile.rows(), run.headDims, tile.keys(), false, false),
              new MatrixProduct.Factors(1, 0),
              run.scores,
              tile.keys(),
              run.at(pass.values(), tile.from(), tile.head()),
              run.at(pass.out(), tile.first(), tile.head()));
        });
  }

  void backward(AttentionPass pass, Tensor dOut, AttentionGradients gradients, Arena arena) {
    check("attentionBackward", pass);
    like("attentionBackward", "dOut", dOut, pass.queries());
    for (Tensor gradient :
        new Tensor[] {gradients.dQueries(), gradients.dKeys(), gradients.dValues()}) {
      sameFloating("attentionBackward", pass.queries(), gradient, dOut);
      like("attentionBackward", "a gradient", gradient, pass.queries());
    }
    // Several tiles add to the same keys and values; each query is written once.
    OffHeap.zero(CpuMemory.addressOf(gradients.dKeys()), gradients.dKeys().bytes());
    OffHeap.zero(CpuMemory.addressOf(gradients.dValues()), gradients.dValues().bytes());
    Run run = new Run(pass, arena, 2);
    run.eachTile(tile -> backward(run, tile, dOut, gradients));
  }

  private static void backward(Run run, Tile tile, Tensor dOut, AttentionGradients gradients) {
    AttentionPass pass = run.pass;
    int rows = tile.rows();
    int keys = tile.keys();
    int dims = run.headDims;
    long dOutTile = run.at(dOut, tile.first(), tile.head());
    run.scores(tile);
    // dP = dOut V^T: [rows, D / H] x [keys, D / H] transposed
    run.product(
        new MatrixProduct.Size(rows, keys, dims, false, true),
        new MatrixProduct.Factors(1, 0),
        new MatrixProduct.Operands(
            dOutTile,
            run.dims,
            run.at(pass.values(), tile.from(), tile.head()),
            run.dims,
            run.others,
            keys));
    run.rows.differentiate(run, tile, dOut);
    // dV += P^T dOut: [rows, keys] transposed x [rows, D / H]
    run.multiply(
        new MatrixProduct.Size(keys, dims, rows, true, false),
        new MatrixProduct.Factors(1, 1),
        run.scores,
        keys,
        dOutTile,
        run.at(gradients.dValues(), tile.from(), tile.head()));
    // dQ = dS K / sqrt(D / H)
    run.multiply(
        new MatrixProduct.Size(rows, dims, keys, false, false),
        new MatrixProduct.Factors(run.scale, 0),
        run.others,
        keys,
        run.at(pass.keys(), tile.from(), tile.head()),
        run.at(gradients.dQueries(), tile.first(), tile.head()));
    // dK += dS^T Q / sqrt(D / H)
    run.multiply(
        new MatrixProduct.Size(keys, dims, rows, true, false),
        new MatrixProduct.Factors(run.scale, 1),
        run.others,
        keys,
        run.at(pass.queries(), tile.first(), tile.head()),
        run.at(gradients.dKeys(), tile.from(), tile.head()));
  }

  private static void check(String operation, AttentionPass pass) {
    Tensor queries = pass.queries();
    sameFloating(operation, queries, pass.keys(), pass.values(), pass.out(), pass.logSums());
    rank(operation, "queries", queries, 2);
    like(operation, "keys", pass.keys(), queries);
    like(operation, "values", pass.values(), queries);
    like(operation, "out", pass.out(), queries);
    integers(operation, "cuSeqlens", pass.cuSeqlens());
    rank(operation, "cuSeqlens", pass.cuSeqlens(), 1);
    int heads = pass.form().heads();
    require(
        queries.shape().dim(1) % heads == 0,
        operation,
        "%d heads must divide the width of %s",
        heads,
        queries);
    shape(operation, "logSums", pass.logSums(), queries.shape().dim(0), heads);
  }

  /**
   * Some queries of one head against the keys that the last of them sees.
   *
   * @param from the first position of the sequence
   * @param first the first query, counted over all positions
   * @param rows queries
   * @param keys positions from {@code from} on
   */
  private record Tile(int head, int from, int first, int rows, int keys) {
    /** How many of the keys the query number {@code row} sees. */
    int seen(int row, boolean causal) {
      return causal ? first + row - from + 1 : keys;
    }
  }

  /** What a call does for each tile. */
  private interface TileWork {
    void on(Tile tile);
  }

  /** One call. */
  private final class Run {
    private final AttentionPass pass;
    private final int dims;
    private final int headDims;
    private final double scale;
    private final int[] offsets;
    private final Scratch scratch = scratches.get();
    private final RowLoops rows;
    private final int elementBytes;
    private final long scores;
    private final long others;

    Run(AttentionPass pass, Arena arena, int buffers) {
      this.pass = pass;
      Tensor queries = pass.queries();
      dims = queries.shape().dim(1);
      headDims = dims / pass.form().heads();
      scale = 1 / Math.sqrt(headDims);
      offsets = offsets(pass);
      int longest = 0;
      for (int b = 0; b + 1 < offsets.length; b++) {
        longest = Math.max(longest, offsets[b + 1] - offsets[b]);
      }
      DType dtype = queries.dtype();
      elementBytes = dtype.bytes();
      rows = dtype == DType.F32 ? new FloatRows() : new DoubleRows();
      Tensor work = arena.allocate("attention scores", dtype, buffers * TILE, longest);
      scores = CpuMemory.addressOf(work);
      others = scores + (long) TILE * longest * elementBytes;
    }

    void eachTile(TileWork work) {
      AttentionForm form = pass.form();
      for (int b = 0; b + 1 < offsets.length; b++) {
        int from = offsets[b];
        int to = offsets[b + 1];
        for (int head = 0; head < form.heads(); head++) {
          for (int first = from; first < to; first += TILE) {
            int end = Math.min(to, first + TILE);
            work.on(new Tile(head, from, first, end - first, (form.causal() ? end : to) - from));
          }
        }
      }
    }

    /** {@code scores = Q K^T / sqrt(D / H)}: [rows, D / H] x [keys, D / H] transposed. */
    void scores(Tile tile) {
      product(
          new MatrixProduct.Size(tile.rows(), tile.keys(), headDims, false, true),
          new MatrixProduct.Factors(scale, 0),
          new MatrixProduct.Operands(
              at(pass.queries(), tile.first(), tile.head()),
              dims,
              at(pass.keys(), tile.from(), tile.head()),
              dims,
              scores,
              tile.keys()));
    }

    /** A product of a tile's scores with columns of a head, into columns of a head. */
    void multiply(
        MatrixProduct.Size size,
        MatrixProduct.Factors factors,
        long tile,
        int tileStride,
        long columns,
        long out) {
      product(
          size, factors, new MatrixProduct.Operands(tile, tileStride, columns, dims, out, dims));
    }

    void product(
        MatrixProduct.Size size, MatrixProduct.Factors factors, MatrixProduct.Operands operands) {
      product.multiply(pass.queries().dtype(), size, factors, operands, scratch);
    }

    /** Where the columns of {@code head} start at {@code position}. */
    long at(Tensor tensor, int position, int head) {
      return CpuMemory.addressOf(tensor)
          + ((long) position * dims + (long) head * headDims) * elementBytes;
    }

    long logSum(Tile tile, int row) {
      return CpuMemory.addressOf(pass.logSums())
          + ((long) (tile.first() + row) * pass.form().heads() + tile.head()) * elementBytes;
    }

    long row(long buffer, Tile tile, int row) {
      return buffer + (long) row * tile.keys() * elementBytes;
    }

    private int[] offsets(AttentionPass pass) {
      int[] found = pass.cuSeqlens().toInts();
      int last = 0;
      for (int offset : found) {
        require(offset >= last, "attention", "cuSeqlens must rise, got %d after %d", offset, last);
        last = offset;
      }
      require(
          found.length > 0 && found[0] == 0 && last == pass.queries().shape().dim(0),
          "attention",
          "cuSeqlens must go from 0 to %d, the number of positions, got %s",
          pass.queries().shape().dim(0),
          last);
      return found;
    }
  }

  /** What is done to the rows of a tile of scores; the two types do the same. */
  private interface RowLoops {
    /** Scores become probabilities, their log sums are noted. */
    void normalize(Run run, Tile tile);

    /** Scores become probabilities again, and {@code others} their gradients dS. */
    void differentiate(Run run, Tile tile, Tensor dOut);
  }

  private static final class FloatRows implements RowLoops {
    @Override
    public void normalize(Run run, Tile tile) {
      float[] row = run.scratch.floatRow(Slots.SCORES, tile.keys());
      for (int r = 0; r < tile.rows(); r++) {
        int seen = tile.seen(r, run.pass.form().causal());
        long address = run.row(run.scores, tile, r);
        OffHeap.get(address, row, seen);
        float max = FloatLoops.max(row, seen);
        FloatLoops.shift(row, -max, row, seen);
        FloatMath.exp(row, row, seen, run.scratch);
        double sum = 0;
        for (int i = 0; i < seen; i++) {
          sum += row[i];
        }
        FloatLoops.scale(row, (float) (1 / sum), row, seen);
        Arrays.fill(row, seen, tile.keys(), 0f);
        OffHeap.put(row, address, tile.keys());
        OffHeap.putFloat(run.logSum(tile, r), (float) (max + StrictMath.log(sum)));
      }
    }

    @Override
    public void differentiate(Run run, Tile tile, Tensor dOut) {
      float[] row = run.scratch.floatRow(Slots.SCORES, tile.keys());
      float[] other = run.scratch.floatRow(Slots.SCORES_OTHER, tile.keys());
      float[] out = run.scratch.floatRow(Slots.ROW_4, run.headDims);
      float[] grad = run.scratch.floatRow(Slots.ROW_5, run.headDims);
      for (int r = 0; r < tile.rows(); r++) {
        int seen = tile.seen(r, run.pass.form().causal());
        OffHeap.get(run.at(run.pass.out(), tile.first() + r, tile.head()), out, run.headDims);
        OffHeap.get(run.at(dOut, tile.first() + r, tile.head()), grad, run.headDims);
        double dot = 0; // sum over keys of P dP
        for (int i = 0; i < run.headDims; i++) {
          dot += (double) out[i] * grad[i];
        }
        long address = run.row(run.scores, tile, r);
        OffHeap.get(address, row, seen);
        FloatLoops.shift(row, -OffHeap.floatAt(run.logSum(tile, r)), row, seen);
        FloatMath.exp(row, row, seen, run.scratch);
        Arrays.fill(row, seen, tile.keys(), 0f);
        OffHeap.put(row, address, tile.keys());
        long otherAddress = run.row(run.others, tile, r);
        OffHeap.get(otherAddress, other, tile.keys());
        FloatLoops.shift(other, (float) -dot, other, tile.keys());
        FloatLoops.multiply(row, other, other, tile.keys());
        OffHeap.put(other, otherAddress, tile.keys());
      }
    }
  }

  private static final class DoubleRows implements RowLoops {
    @Override
    public void normalize(Run run, Tile tile) {
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
        Arrays.fill(row, seen, tile.keys(), 0);
        OffHeap.put(row, address, tile.keys());
        OffHeap.putDouble(run.logSum(tile, r), max + StrictMath.log(sum));
      }
    }

    @Override
    public void differentiate(Run run, Tile tile, Tensor dOut) {
      double[] row = run.scratch.doubleRow(Slots.SCORES, tile.keys());
      double[] other = run.scratch.doubleRow(Slots.SCORES_OTHER, tile.keys());
      double[] out = run.scratch.doubleRow(Slots.ROW_4, run.headDims);
      double[] grad = run.scratch.doubleRow(Slots.ROW_5, run.headDims);
      for (int r = 0; r < tile.rows(); r++) {
        int seen = tile.seen(r, run.pass.form().causal());
        OffHeap.get(run.at(run.pass.out(), tile.first() + r, tile.head()), out, run.headDims);
        OffHeap.get(run.at(dOut, tile.first() + r, tile.head()), grad, run.headDims);
        double dot = 0; // sum over keys of P dP
        for (int i = 0; i < run.headDims; i++) {
          dot += out[i] * grad[i];
        }
        long address = run.row(run.scores, tile, r);
        OffHeap.get(address, row, seen);
        DoubleLoops.shift(row, -OffHeap.doubleAt(run.logSum(tile, r)), row, seen);
        DoubleLoops.exp(row, row, seen);
        Arrays.fill(row, seen, tile.keys(), 0);
        OffHeap.put(row, address, tile.keys());
        long otherAddress = run.row(run.others, tile, r);
        OffHeap.get(otherAddress, other, tile.keys());
        DoubleLoops.shift(other, -dot, other, tile.keys());
        DoubleLoops.multiply(row, other, other, tile.keys());
        OffHeap.put(other, otherAddress, tile.keys());
      }
    }
  }
}
