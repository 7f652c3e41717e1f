package io.batchwright.kernel.cuda;

import static io.batchwright.kernel.Arguments.elements;
import static io.batchwright.kernel.Arguments.floating;
import static io.batchwright.kernel.Arguments.integers;
import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameFloating;
import static io.batchwright.kernel.Arguments.shape;

import io.batchwright.kernel.RowKernels;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * {@link RowKernels} by the kernels of {@code rows.cu}. Row numbers come from the host, which
 * checks and groups them; the device sums group by group.
 */
final class CudaRows implements RowKernels {
  private final CudaDevice device;

  CudaRows(CudaDevice device) {
    this.device = device;
  }

  @Override
  public void embeddingBagMean(Tensor table, Tensor tokens, Tensor cuSeqlens, Tensor out) {
    String operation = "embeddingBagMean";
    sameFloating(operation, table, out);
    rank(operation, "table", table, 2);
    int[] offsets = bags(operation, tokens, cuSeqlens);
    int width = table.shape().dim(1);
    shape(operation, "out", out, offsets.length - 1, width);
    Checks.inside(operation, CudaMemory.integers(tokens), table.shape().dim(0));
    if (out.elements() > 0) {
      device.launch(
          byColumns(Checks.typed("bag_mean", table.dtype()), offsets.length - 1, width)
              .tensor(table)
              .tensor(tokens)
              .tensor(cuSeqlens)
              .tensor(out)
              .number(width));
    }
  }

  @Override
  public RowSparse embeddingBagMeanBackward(
      Tensor dOut, Tensor tokens, Tensor cuSeqlens, int tableRows, Arena arena) {
    String operation = "embeddingBagMeanBackward";
    floating(operation, "dOut", dOut);
    int[] offsets = bags(operation, tokens, cuSeqlens);
    rank(operation, "dOut", dOut, 2);
    shape(operation, "dOut", dOut, offsets.length - 1, dOut.shape().dim(1));
    RowGroups groups =
        RowGroups.of(Checks.inside(operation, CudaMemory.integers(tokens), tableRows));
    int[] bagOf = new int[groups.order().length];
    double[] share = new double[bagOf.length];
    int[] bagAt = new int[bagOf.length];
    for (int b = 0; b + 1 < offsets.length; b++) {
      Arrays.fill(bagAt, offsets[b], offsets[b + 1], b);
    }
    for (int p = 0; p < bagOf.length; p++) {
      bagOf[p] = bagAt[groups.order()[p]];
      share[p] = 1.0 / (offsets[bagOf[p] + 1] - offsets[bagOf[p]]);
    }
    return sum(groups, CudaMemory.addressOf(dOut), dOut, bagOf, share, arena);
  }

  @Override
  public RowSparse sumRows(List<RowSparse> parts, int tableRows, Arena arena) {
    require(!parts.isEmpty(), "sumRows", "at least one part is needed");
    Tensor first = parts.get(0).values();
    int width = first.shape().dim(1);
    int total = 0;
    for (RowSparse part : parts) {
      sameFloating("sumRows", first, part.values());
      shape("sumRows", "values", part.values(), part.count(), width);
      total = Math.addExact(total, part.count());
    }
    int[] rowOf = new int[total];
    Tensor values = arena.allocate("gathered gradients", first.dtype(), total, width);
    int at = 0;
    for (RowSparse part : parts) {
      int[] rows = CudaMemory.integers(part.rows());
      System.arraycopy(rows, 0, rowOf, at, rows.length);
      device.copy(
          CudaMemory.addressOf(part.values()),
          CudaMemory.addressOf(values) + (long) at * width * first.dtype().bytes(),
          part.values().bytes());
      at += rows.length;
    }
    RowGroups groups = RowGroups.of(Checks.inside("sumRows", rowOf, tableRows));
    return sum(groups, CudaMemory.addressOf(values), first, groups.order(), null, arena);
  }

  /**
   * One row for each group: the sum of rows of {@code values}, those that {@code sources} names in
   * the order of the groups, times {@code weights} if not null.
   */
  private RowSparse sum(
      RowGroups groups, long values, Tensor like, int[] sources, double[] weights, Arena arena) {
    int width = like.shape().dim(1);
    Tensor rows = arena.ints("gradient rows", groups.rows());
    Tensor sums = arena.allocate("gradient of rows", like.dtype(), groups.count(), width);
    if (sums.elements() > 0) {
      sumGroups(groups, values, sources, weights, false, 1, sums);
    }
    return new RowSparse(rows, sums);
  }

  private void sumGroups(
      RowGroups groups,
      long values,
      int[] sources,
      double[] weights,
      boolean add,
      double factor,
      Tensor into) {
    int width = into.shape().dim(1);
    long room =
        Uploads.room(4L * sources.length)
            + (weights == null ? 0 : Uploads.room(8L * weights.length))
            + Uploads.room(4L * groups.starts().length)
            + Uploads.room(4L * groups.count());
    Uploads.with(
        device,
        room,
        uploads ->
            device.launch(
                byColumns(Checks.typed("sum_groups", into.dtype()), groups.count(), width)
                    .number(values)
                    .number(uploads.put(sources))
                    .number(weights == null ? 0 : uploads.put(weights))
                    .number(uploads.put(groups.starts()))
                    .number(add ? uploads.put(groups.rows()) : 0)
                    .real(factor)
                    .tensor(into)
                    .number(width)));
  }

  @Override
  public void gatherRows(Tensor table, Tensor rows, Tensor out) {
    require(
        table.dtype() == out.dtype(), "gatherRows", "out must be %s, got %s", table.dtype(), out);
    rank("gatherRows", "table", table, 2);
    int count = Checks.rowNumbers("gatherRows", rows, table.shape().dim(0)).length;
    int width = table.shape().dim(1);
    shape("gatherRows", "out", out, count, width);
    if (out.elements() > 0) {
      CudaMemory.written(out);
      device.launch(
          byColumns(Checks.sized("gather_rows", table.dtype()), count, width)
              .tensor(table)
              .tensor(rows)
              .tensor(out)
              .number(width));
    }
  }

  @Override
  public void scatterAddRows(Tensor values, Tensor rows, double factor, Tensor into) {
    sameFloating("scatterAddRows", values, into);
    rank("scatterAddRows", "into", into, 2);
    int[] chosen = Checks.rowNumbers("scatterAddRows", rows, into.shape().dim(0));
    shape("scatterAddRows", "values", values, chosen.length, into.shape().dim(1));
    if (values.elements() > 0) {
      RowGroups groups = RowGroups.of(chosen);
      sumGroups(groups, CudaMemory.addressOf(values), groups.order(), null, true, factor, into);
    }
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
    CudaMemory.written(out);
    long to = CudaMemory.addressOf(out);
    for (Tensor part : parts) {
      device.copy(CudaMemory.addressOf(part), to, part.bytes());
      to += part.bytes();
    }
  }

  @Override
  public void selectColumns(Tensor in, Tensor columns, Tensor out) {
    sameFloating("selectColumns", in, out);
    columns("selectColumns", "select_columns", in, columns, out, "out", in, out);
  }

  @Override
  public void addToColumns(Tensor values, Tensor columns, Tensor into) {
    sameFloating("addToColumns", into, values);
    columns("addToColumns", "add_to_columns", into, columns, values, "values", values, into);
  }

  private void columns(
      String operation,
      String kernel,
      Tensor matrix,
      Tensor columns,
      Tensor vector,
      String name,
      Tensor from,
      Tensor to) {
    rank(operation, "the matrix", matrix, 2);
    integers(operation, "columns", columns);
    int count = matrix.shape().dim(0);
    int width = matrix.shape().dim(1);
    elements(operation, "columns", columns, count);
    elements(operation, name, vector, count);
    int[] chosen = CudaMemory.integers(columns);
    for (int b = 0; b < count; b++) {
      require(
          chosen[b] >= 0 && chosen[b] < width,
          operation,
          "column %d of row %d is outside %s",
          chosen[b],
          b,
          matrix);
    }
    if (count > 0) {
      device.launch(
          Launch.elements(Checks.typed(kernel, matrix.dtype()), count)
              .tensor(from)
              .tensor(columns)
              .tensor(to)
              .number(count)
              .number(width));
    }
  }

  /** A block a row whose threads are columns. */
  private static Launch byColumns(String kernel, int rows, int width) {
    return Launch.of(kernel, rows, 1, Math.min(256, (width + 31) / 32 * 32), 0);
  }

  private static int[] bags(String operation, Tensor tokens, Tensor cuSeqlens) {
    integers(operation, "tokens", tokens);
    rank(operation, "tokens", tokens, 1);
    return Checks.offsets(operation, cuSeqlens, tokens.shape().dim(0), "tokens");
  }
}
