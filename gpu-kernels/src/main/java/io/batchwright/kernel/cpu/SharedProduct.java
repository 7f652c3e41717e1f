package io.batchwright.kernel.cpu;

import io.batchwright.tensor.DType;

/**
 * A provider whose products are cut among {@link Workers}: some rows or columns of the result each,
 * by the provider's calls for one thread. The library's own threads are not used: OpenMP keeps a
 * team for each thread that calls it, and two ranks of a process would get more than they have.
 *
 * <p>A library may choose another way for a part than for the whole, and then last bits differ from
 * those of one thread; so the number of threads stands in the name.
 */
final class SharedProduct implements MatrixProduct {
  /** Multiplications of a part, at least, for each element that is worth one: ten microseconds. */
  private static final long FEW = 1 << 6;

  /** Parts for each thread, at most. */
  private static final int PARTS_EACH = 2;

  /**
   * Rows or columns of a part where there are more parts than threads: a library packs the other
   * factor anew for each.
   */
  private static final int LONG = 1024;

  private final MatrixProduct product;
  private final Workers workers;

  private SharedProduct(MatrixProduct product, Workers workers) {
    this.product = product;
    this.workers = workers;
  }

  /** The provider itself for one thread. */
  static MatrixProduct of(MatrixProduct product, Workers workers) {
    if (workers.threads() == 1) {
      return product;
    }
    return product instanceof RoundedProduct rounded
        ? new RoundedProduct(of(rounded.inner(), workers)) // rounds factors once, then cuts
        : new SharedProduct(product, workers);
  }

  @Override
  public String name() {
    return product.sameInParts()
        ? product.name()
        : "%s, products on %d threads".formatted(product.name(), workers.threads());
  }

  @Override
  public void multiply(
      DType dtype, Size size, Factors factors, Operands operands, Scratch scratch) {
    long multiplications = (long) size.m() * size.n() * size.k();
    long few = FEW * workers.least();
    if (multiplications < 2 * few) {
      product.multiply(dtype, size, factors, operands, scratch);
      return;
    }
    int threads = workers.threads();
    int rows = product.rowsOfPart(size);
    int columns = product.columnsOfPart(size);
    int rowGroups = (size.m() - 1) / rows + 1;
    int columnGroups = (size.n() - 1) / columns + 1;
    boolean byRows = rowGroups >= threads && size.m() >= size.n() || rowGroups >= columnGroups;
    int groups = byRows ? rowGroups : columnGroups;
    int more = Math.min(PARTS_EACH * threads, (byRows ? size.m() : size.n()) / LONG);
    long wanted = Math.max(Math.min(threads, multiplications / few), more);
    int parts = (int) Math.min(groups, wanted);
    workers.parts(
        parts,
        i -> {
          int from = (int) ((long) groups * i / parts);
          int to = (int) ((long) groups * (i + 1) / parts);
          if (byRows) {
            rows(dtype, size, factors, operands, from * rows, Math.min(size.m(), to * rows));
          } else {
            columns(
                dtype, size, factors, operands, from * columns, Math.min(size.n(), to * columns));
          }
        });
  }

  private void rows(DType dtype, Size size, Factors factors, Operands at, int from, int to) {
    long bytes = dtype.bytes();
    product.multiply(
        dtype,
        new Size(to - from, size.n(), size.k(), size.transposeA(), size.transposeB()),
        factors,
        new Operands(
            at.a() + bytes * from * (size.transposeA() ? 1 : at.strideA()),
            at.strideA(),
            at.b(),
            at.strideB(),
            at.c() + bytes * from * at.strideC(),
            at.strideC()),
        workers.scratch());
  }

  private void columns(DType dtype, Size size, Factors factors, Operands at, int from, int to) {
    long bytes = dtype.bytes();
    product.multiply(
        dtype,
        new Size(size.m(), to - from, size.k(), size.transposeA(), size.transposeB()),
        factors,
        new Operands(
            at.a(),
            at.strideA(),
            at.b() + bytes * from * (size.transposeB() ? at.strideB() : 1),
            at.strideB(),
            at.c() + bytes * from,
            at.strideC()),
        workers.scratch());
  }
}
