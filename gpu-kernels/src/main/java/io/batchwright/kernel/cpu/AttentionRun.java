package io.batchwright.kernel.cpu;

import static io.batchwright.kernel.Arguments.require;

import io.batchwright.kernel.Arguments;
import io.batchwright.kernel.AttentionDropout;
import io.batchwright.kernel.AttentionPass;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One call of {@link CpuAttention}, or one thread's part in it: where things lie, and the products
 * over a tile. Threads share sequences and heads, each with scores of its own.
 */
final class AttentionRun {
  static final int TILE = 64;

  /** Multiplications that take as long as an element that is read. */
  private static final long AT_ONCE = 16;

  final AttentionPass pass;
  final int dims;
  final int headDims;
  final double scale;
  final Workers workers;
  final Scratch scratch;
  final AttentionRows rows;
  final long scores;
  final long others;
  private final MatrixProduct product;
  private final int lanes;
  private final long laneBytes;
  private final int[] offsets;
  private final int elementBytes;
  private final int least;
  private final int[] globalRows;

  /**
   * @param buffers tiles of scores that each thread needs
   */
  AttentionRun(
      AttentionPass pass, MatrixProduct product, Workers workers, Arena arena, int buffers) {
    this.pass = pass;
    this.product = product;
    this.workers = workers;
    this.scratch = workers.scratch();
    least = DropoutRule.least(pass.dropout().probability());
    globalRows = drops() ? pass.dropout().rows().toInts() : null;
    Tensor queries = pass.queries();
    dims = queries.shape().dim(1);
    headDims = dims / pass.form().heads();
    scale = 1 / Math.sqrt(headDims);
    offsets = offsets(pass);
    int longest = 0;
    long multiplications = 0;
    for (int b = 0; b + 1 < offsets.length; b++) {
      int length = offsets[b + 1] - offsets[b];
      longest = Math.max(longest, length);
      multiplications += (long) length * length * dims;
    }
    lanes =
        (int)
            Math.max(
                1,
                Math.min(
                    Math.min(workers.threads(), multiplications / (AT_ONCE * workers.least())),
                    (offsets.length - 1L) * pass.form().heads()));
    require(
        !drops() || longest <= AttentionDropout.LONGEST,
        "attention",
        "dropout draws for sequences of at most %d positions, got one of %d",
        AttentionDropout.LONGEST,
        longest);
    DType dtype = queries.dtype();
    elementBytes = dtype.bytes();
    rows = dtype == DType.F32 ? new AttentionRows.OfFloats() : new AttentionRows.OfDoubles();
    int pitch = RowLoops.pitch(longest);
    laneBytes = (long) buffers * TILE * pitch * elementBytes;
    Tensor work = arena.allocate("attention scores", dtype, lanes * buffers * TILE, pitch);
    scores = CpuMemory.addressOf(work);
    others = scores + (long) TILE * pitch * elementBytes;
  }

  /** A thread's part. */
  private AttentionRun(AttentionRun of, int lane, Scratch scratch) {
    this.scratch = scratch;
    pass = of.pass;
    product = of.product;
    workers = of.workers;
    least = of.least;
    globalRows = of.globalRows;
    dims = of.dims;
    headDims = of.headDims;
    scale = of.scale;
    offsets = of.offsets;
    elementBytes = of.elementBytes;
    rows = of.rows;
    lanes = 1;
    laneBytes = of.laneBytes;
    scores = of.scores + lane * laneBytes;
    others = of.others + lane * laneBytes;
  }

  /** Does this for all tiles. Those of one sequence and head are one thread's, in their order. */
  void eachTile(TileWork work) {
    int heads = pass.form().heads();
    int units = (offsets.length - 1) * heads;
    AtomicInteger next = new AtomicInteger();
    workers.parts(
        lanes,
        lane -> {
          AttentionRun part = new AttentionRun(this, lane, workers.scratch());
          for (int unit = next.getAndIncrement(); unit < units; unit = next.getAndIncrement()) {
            part.tiles(unit / heads, unit % heads, work);
          }
        });
  }

  private void tiles(int sequence, int head, TileWork work) {
    int from = offsets[sequence];
    int to = offsets[sequence + 1];
    boolean causal = pass.form().causal();
    for (int first = from; first < to; first += TILE) {
      int end = Math.min(to, first + TILE);
      work.on(this, new Tile(head, from, first, end - first, (causal ? end : to) - from));
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
            tile.pitch()));
  }

  /** A product of a tile's scores with columns of a head, into columns of a head. */
  void multiply(
      MatrixProduct.Size size,
      MatrixProduct.Factors factors,
      long tile,
      int tileStride,
      long columns,
      long out) {
    product(size, factors, new MatrixProduct.Operands(tile, tileStride, columns, dims, out, dims));
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
    return buffer + (long) row * tile.pitch() * elementBytes;
  }

  /** Whether some weights are lost. */
  boolean drops() {
    return pass.dropout().probability() > 0;
  }

  /** By what the weights of {@code count} rows are multiplied: 0 where one is lost or not seen. */
  float[] keptFloats(Tile tile, int first, int count) {
    int pitch = tile.pitch();
    float[] kept = scratch.floatRow(Slots.KEPT, count * pitch);
    float factor = (float) (1 / (1 - pass.dropout().probability()));
    for (int r = 0; r < count; r++) {
      int seen = tile.seen(first + r, pass.form().causal());
      int[] draws = draws(tile, first + r, seen);
      int at = r * pitch;
      for (int i = 0; i < seen; i++) {
        kept[at + i] = DropoutRule.keeps(draws[i], least) ? factor : 0f;
      }
      Arrays.fill(kept, at + seen, at + pitch, 0f);
    }
    return kept;
  }

  /** By what a row's first {@code seen} weights are multiplied, in double precision. */
  double[] keptDoubles(Tile tile, int row, int seen) {
    double[] kept = scratch.doubleRow(Slots.KEPT, seen);
    int[] draws = draws(tile, row, seen);
    double factor = 1 / (1 - pass.dropout().probability());
    for (int i = 0; i < seen; i++) {
      kept[i] = DropoutRule.keeps(draws[i], least) ? factor : 0;
    }
    return kept;
  }

  private int[] draws(Tile tile, int row, int seen) {
    int[] draws = scratch.intRow(Slots.DRAWS, seen);
    AttentionDropout dropout = pass.dropout();
    int global = globalRows[tile.first() + row];
    long first = AttentionDropout.position(global, pass.form().heads(), tile.head());
    dropout.stream().intsAt(first, draws, seen);
    return draws;
  }

  private int[] offsets(AttentionPass pass) {
    int[] found = pass.cuSeqlens().toInts();
    require(found.length > 0, "attention", "cuSeqlens must be [B + 1], got %s", pass.cuSeqlens());
    Arguments.offsets(
        "attention", found, found.length - 1, pass.queries().shape().dim(0), "positions");
    return found;
  }

  /**
   * Some queries of one head against the keys that the last of them sees.
   *
   * @param from the first position of the sequence
   * @param first the first query, counted over all positions
   * @param rows queries
   * @param keys positions from {@code from} on
   */
  record Tile(int head, int from, int first, int rows, int keys) {
    /** Elements from one row of scores to the next. */
    int pitch() {
      return RowLoops.pitch(keys);
    }

    /** How many of the keys the query number {@code row} sees. */
    int seen(int row, boolean causal) {
      return causal ? first + row - from + 1 : keys;
    }
  }

  /** What a call does for each tile. */
  interface TileWork {
    void on(AttentionRun run, Tile tile);
  }
}
