package io.batchwright.kernel.cpu;

import static io.batchwright.kernel.Arguments.elements;
import static io.batchwright.kernel.Arguments.floating;
import static io.batchwright.kernel.Arguments.integers;
import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameFloating;
import static io.batchwright.kernel.Arguments.shape;

import io.batchwright.kernel.RowKernels;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.util.List;

/** {@link RowKernels}: gradients are summed row by row, not scattered. */
final class CpuRows implements RowKernels {
  private final Workers workers;

  CpuRows(Workers workers) {
    this.workers = workers;
  }

  @Override
  public void embeddingBagMean(Tensor table, Tensor tokens, Tensor cuSeqlens, Tensor out) {
    sameFloating("embeddingBagMean", table, out);
    rank("embeddingBagMean", "table", table, 2);
    Scratch scratch = workers.scratch();
    Bags bags = Bags.of("embeddingBagMean", tokens, cuSeqlens, scratch);
    int width = table.shape().dim(1);
    shape("embeddingBagMean", "out", out, bags.count, width);
    RowSegments.requireInside(
        "embeddingBagMean", bags.tokens, bags.tokenCount, table.shape().dim(0));
    long from = CpuMemory.addressOf(table);
    long to = CpuMemory.addressOf(out);
    long rowBytes = (long) width * table.dtype().bytes();
    workers.rows(
        bags.count,
        (long) width * (1 + bags.tokenCount / Math.max(1, bags.count)),
        (first, last) -> {
          RowAccumulator sum = RowAccumulator.of(table.dtype(), width, workers.scratch());
          for (int b = (int) first; b < last; b++) {
            int start = bags.offsets[b];
            int end = bags.offsets[b + 1];
            sum.sum(from, bags.tokens, null, start, end, to + b * rowBytes);
            if (end > start + 1) {
              sum.resume(to + b * rowBytes);
              sum.scale(1.0 / (end - start));
              sum.end();
            }
          }
        });
  }

  @Override
  public RowSparse embeddingBagMeanBackward(
      Tensor dOut, Tensor tokens, Tensor cuSeqlens, int tableRows, Arena arena) {
    String operation = "embeddingBagMeanBackward";
    floating(operation, "dOut", dOut);
    Scratch scratch = workers.scratch();
    Bags bags = Bags.of(operation, tokens, cuSeqlens, scratch);
    rank(operation, "dOut", dOut, 2);
    int width = dOut.shape().dim(1);
    shape(operation, "dOut", dOut, bags.count, width);
    RowSegments segments =
        RowSegments.of(operation, bags.tokens, bags.tokenCount, tableRows, scratch);
    int[] bagOf = bags.bagOfEachToken(scratch);
    int[] order = segments.order();
    RowSparse result = allocate(segments, width, dOut.dtype(), arena);
    long from = CpuMemory.addressOf(dOut);
    long to = CpuMemory.addressOf(result.values());
    long rowBytes = (long) width * dOut.dtype().bytes();
    int[] rows = scratch.intRow(Slots.BAG_ROWS, bags.tokenCount);
    double[] shares = scratch.doubleRow(Slots.SHARES, bags.tokenCount);
    workers.rows(
        bags.tokenCount,
        1,
        (first, last) -> {
          for (int p = (int) first; p < last; p++) {
            int bag = bagOf[order[p]];
            rows[p] = bag;
            shares[p] = 1.0 / (bags.offsets[bag + 1] - bags.offsets[bag]);
          }
        });
    eachSegment(
        segments,
        bags.tokenCount,
        width,
        (first, last) -> {
          RowAccumulator sum = RowAccumulator.of(dOut.dtype(), width, workers.scratch());
          for (int u = (int) first; u < last; u++) {
            long row = to + u * rowBytes;
            sum.sum(from, rows, shares, segments.start(u), segments.start(u + 1), row);
          }
        });
    return result;
  }

  /** Segments are cut by their positions, since some are much longer than others. */
  private void eachSegment(RowSegments segments, int positions, int width, Workers.Span work) {
    workers.rows(
        positions,
        width,
        (from, to) -> work.on(segments.startingAt((int) from), segments.startingAt((int) to)));
  }

  @Override
  public RowSparse sumRows(List<RowSparse> parts, int tableRows, Arena arena) {
    require(!parts.isEmpty(), "sumRows", "at least one part is needed");
    Tensor first = parts.get(0).values();
    int width = first.shape().dim(1);
    Scratch scratch = workers.scratch();
    int total = 0;
    for (RowSparse part : parts) {
      sameFloating("sumRows", first, part.values());
      shape("sumRows", "values", part.values(), part.count(), width);
      total = Math.addExact(total, part.count());
    }
    long rowBytes = (long) width * first.dtype().bytes();
    int[] rowOf = scratch.intRow(Slots.TOKENS, total);
    long[] sources = scratch.longRow(Slots.SOURCES, total);
    int at = 0;
    for (RowSparse part : parts) {
      long rows = CpuMemory.addressOf(part.rows());
      long values = CpuMemory.addressOf(part.values());
      for (int i = 0; i < part.count(); i++, at++) {
        rowOf[at] = OffHeap.intAt(rows + 4L * i);
        sources[at] = values + i * rowBytes;
      }
    }
    RowSegments segments = RowSegments.of("sumRows", rowOf, total, tableRows, scratch);
    int[] order = segments.order();
    RowSparse result = allocate(segments, width, first.dtype(), arena);
    long to = CpuMemory.addressOf(result.values());
    eachSegment(
        segments,
        total,
        width,
        (from, end) -> {
          RowAccumulator sum = RowAccumulator.of(first.dtype(), width, workers.scratch());
          for (int u = (int) from; u < end; u++) {
            OffHeap.copy(sources[order[segments.start(u)]], to + u * rowBytes, rowBytes);
            sum.resume(to + u * rowBytes);
            for (int p = segments.start(u) + 1; p < segments.start(u + 1); p++) {
              sum.add(sources[order[p]]);
            }
            sum.end();
          }
        });
    return result;
  }

  @Override
  public void gatherRows(Tensor table, Tensor rows, Tensor out) {
    require(
        table.dtype() == out.dtype(), "gatherRows", "out must be %s, got %s", table.dtype(), out);
    rank("gatherRows", "table", table, 2);
    int[] chosen = rowNumbers("gatherRows", rows, table.shape().dim(0));
    int count = (int) rows.elements();
    shape("gatherRows", "out", out, count, table.shape().dim(1));
    long from = CpuMemory.addressOf(table);
    long to = CpuMemory.addressOf(out);
    long rowBytes = (long) table.shape().dim(1) * table.dtype().bytes();
    workers.rows(
        count,
        table.shape().dim(1),
        (first, end) -> {
          for (int i = (int) first; i < end; i++) {
            OffHeap.copy(from + chosen[i] * rowBytes, to + i * rowBytes, rowBytes);
          }
        });
  }

  @Override
  public void scatterAddRows(Tensor values, Tensor rows, double factor, Tensor into) {
    sameFloating("scatterAddRows", values, into);
    rank("scatterAddRows", "into", into, 2);
    int[] chosen = rowNumbers("scatterAddRows", rows, into.shape().dim(0));
    int count = (int) rows.elements();
    int width = into.shape().dim(1);
    shape("scatterAddRows", "values", values, count, width);
    long from = CpuMemory.addressOf(values);
    long to = CpuMemory.addressOf(into);
    long rowBytes = (long) width * into.dtype().bytes();
    int bytes = into.dtype().bytes();
    workers.columns( // a row may be named several times: each of its columns is one thread's
        width,
        count,
        (first, end) -> {
          RowAccumulator sum =
              RowAccumulator.of(into.dtype(), (int) (end - first), workers.scratch());
          long column = first * bytes;
          for (int i = 0; i < count; i++) {
            sum.resume(to + column + chosen[i] * rowBytes);
            sum.add(factor, from + column + i * rowBytes);
            sum.end();
          }
        });
  }

  @Override
  public void concatRows(List<Tensor> parts, Tensor out) {
    long rows = 0;
    for (Tensor part : parts) {
      require(
          part.dtype() == out.dtype()
              && part.shape().rank() == out.shape().rank()
              && part.shape().rank() > 0
              && part.shape().with(0, 0).equals(out.shape().with(0, 0)),
          "concatRows",
          "%s does not fit into %s",
          part,
          out);
      rows += part.shape().dim(0);
    }
    require(rows == out.shape().dim(0), "concatRows", "%s cannot hold %d rows", out, rows);
    long to = CpuMemory.addressOf(out);
    for (Tensor part : parts) {
      long from = CpuMemory.addressOf(part);
      long at = to;
      int bytes = part.dtype().bytes();
      workers.elements(
          part.elements(),
          (first, end) ->
              OffHeap.copy(from + bytes * first, at + bytes * first, bytes * (end - first)));
      to += part.bytes();
    }
  }

  @Override
  public void selectColumns(Tensor in, Tensor columns, Tensor out) {
    sameFloating("selectColumns", in, out);
    int[] chosen = columnNumbers("selectColumns", in, columns, out, "out");
    long to = CpuMemory.addressOf(out);
    for (int b = 0; b < in.shape().dim(0); b++) {
      long row = Rows.address(in, b);
      if (in.dtype() == DType.F32) {
        OffHeap.putFloat(to + 4L * b, OffHeap.floatAt(row + 4L * chosen[b]));
      } else {
        OffHeap.putDouble(to + 8L * b, OffHeap.doubleAt(row + 8L * chosen[b]));
      }
    }
  }

  @Override
  public void addToColumns(Tensor values, Tensor columns, Tensor into) {
    sameFloating("addToColumns", into, values);
    int[] chosen = columnNumbers("addToColumns", into, columns, values, "values");
    long from = CpuMemory.addressOf(values);
    for (int b = 0; b < into.shape().dim(0); b++) {
      long row = Rows.address(into, b);
      if (into.dtype() == DType.F32) {
        long at = row + 4L * chosen[b];
        OffHeap.putFloat(at, OffHeap.floatAt(at) + OffHeap.floatAt(from + 4L * b));
      } else {
        long at = row + 8L * chosen[b];
        OffHeap.putDouble(at, OffHeap.doubleAt(at) + OffHeap.doubleAt(from + 8L * b));
      }
    }
  }

  private static RowSparse allocate(RowSegments segments, int width, DType dtype, Arena arena) {
    int count = segments.count();
    Tensor rows = arena.allocate("gradient rows", DType.I32, count);
    OffHeap.put(segments.rows(), CpuMemory.addressOf(rows), count);
    return new RowSparse(rows, arena.allocate("gradient of rows", dtype, count, width));
  }

  private int[] rowNumbers(String operation, Tensor rows, int tableRows) {
    integers(operation, "rows", rows);
    rank(operation, "rows", rows, 1);
    int count = rows.shape().dim(0);
    int[] chosen = workers.scratch().intRow(Slots.TOKENS, count);
    OffHeap.get(CpuMemory.addressOf(rows), chosen, count);
    RowSegments.requireInside(operation, chosen, count, tableRows);
    return chosen;
  }

  private int[] columnNumbers(
      String operation, Tensor matrix, Tensor columns, Tensor vector, String name) {
    rank(operation, "the matrix", matrix, 2);
    integers(operation, "columns", columns);
    int count = matrix.shape().dim(0);
    elements(operation, "columns", columns, count);
    elements(operation, name, vector, count);
    int[] chosen = workers.scratch().intRow(Slots.TOKENS, count);
    OffHeap.get(CpuMemory.addressOf(columns), chosen, count);
    for (int b = 0; b < count; b++) {
      require(
          chosen[b] >= 0 && chosen[b] < matrix.shape().dim(1),
          operation,
          "column %d of row %d is outside %s",
          chosen[b],
          b,
          matrix);
    }
    return chosen;
  }
}
