package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.kernel.cpu.MatrixProduct.Factors;
import io.batchwright.kernel.cpu.MatrixProduct.Operands;
import io.batchwright.kernel.cpu.MatrixProduct.Size;
import io.batchwright.kernel.cpu.OneDnnMatmul.Form;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OneDnnProductTest {
  /** m, n, k: single rows, odd ones, what is taken in pieces, with and without a rest. */
  private static final int[][] SIZES = {
    {1, 1, 1},
    {3, 5, 7},
    {1, 130, 65},
    {64, 128, 32},
    {33, 1, 70},
    {256, 48, 40},
    {777, 70, 130},
    {1300, 33, 64},
    {130, 70, 777},
    {48, 256, 2310}
  };

  private static final double[][] FACTORS = {{1, 0}, {1, 1}, {-0.5, 1}, {3, 0.25}};

  /** Elements behind each row, which nothing may read or write. */
  private static final int GAP = 3;

  private final Arena arena = new Arena("test", new CpuMemory(), Long.MAX_VALUE);
  private final Scratch scratch = new Scratch();

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void productsOfAllFormsEqualThoseInJava() {
    compare(new OneDnnProduct(new OpenBlasProduct()), new JavaProduct());
  }

  @Test
  void roundedProductsOfAllFormsEqualThoseOfRoundedFactorsInJava() {
    MatrixProduct rounding = new OneDnnProduct(new OpenBlasProduct()).rounding();
    compare(rounding, new RoundedProduct(new JavaProduct()));
    assertThat(rounding.name()).startsWith("onednn").contains("bf16");
    if (!OneDnn.bf16().isEmpty()) {
      assertThat(rounding.name()).endsWith("bf16 by " + OneDnn.bf16());
    }
  }

  @Test
  void factorsAreRoundedToTheNearestAndTiesToEven() {
    // 1 + 2^-8 is a tie and goes down to 1, 1 + 3 * 2^-8 goes up; their product with 1 shows it.
    float[] values = {1 + 0x1p-8f, 1 + 0x3p-8f, 1 + 0x1.02p-8f, -1 - 0x1p-8f};
    for (int copies : new int[] {1, 64}) {
      int n = 4 * copies;
      Tensor a = arena.allocate("a", DType.F32, n, n);
      Tensor b = arena.allocate("b", DType.F32, n, n);
      Tensor c = arena.allocate("c", DType.F32, n, n);
      float[] diagonal = new float[n * n];
      float[] full = new float[n * n];
      for (int i = 0; i < n * n; i++) {
        diagonal[i] = i % (n + 1) == 0 ? 1 : 0;
        full[i] = values[i % 4];
      }
      a.copyFrom(diagonal);
      b.copyFrom(full);
      Size size = new Size(n, n, n, false, false);
      new OneDnnProduct(new OpenBlasProduct())
          .rounding()
          .multiply(
              DType.F32,
              size,
              new Factors(1, 0),
              Operands.packed(
                  CpuMemory.addressOf(a), CpuMemory.addressOf(b), CpuMemory.addressOf(c), size),
              scratch);
      float[] found = c.toFloats();
      for (int i = 0; i < found.length; i++) {
        assertThat(found[i]).isEqualTo(new float[] {1, 1 + 0x1p-6f, 1 + 0x1p-7f, -1}[i % 4]);
      }
    }
  }

  @Test
  void whatAThreadKeepsIsBoundedAndFreed() throws InterruptedException {
    int before = OneDnnMatmul.live();
    int[] most = new int[1];
    Thread thread =
        new Thread(
            () -> {
              OneDnnMatmuls kept = OneDnnMatmuls.ofThisThread();
              OneDnn.allowOneThread();
              OneDnnMatmul last = null;
              for (int n = 1; n <= OneDnnMatmuls.MOST + 20; n++) {
                Size size = new Size(8, n, 8, false, true);
                Form form = new Form(size, new Factors(1, 0), 8, 8, n, false);
                last = kept.of(form);
                assertThat(kept.of(form)).isSameAs(last);
              }
              most[0] = OneDnnMatmul.live() - before;
            });
    thread.start();
    thread.join();
    assertThat(most[0]).isEqualTo(OneDnnMatmuls.MOST);
    for (int i = 0; i < 500 && OneDnnMatmul.live() > before; i++) {
      System.gc();
      Thread.sleep(20);
    }
    assertThat(OneDnnMatmul.live()).isLessThanOrEqualTo(before);
  }

  private void compare(MatrixProduct product, MatrixProduct expected) {
    for (int[] mnk : SIZES) {
      for (int form = 0; form < 4; form++) {
        Size size = new Size(mnk[0], mnk[1], mnk[2], (form & 2) != 0, (form & 1) != 0);
        for (double[] factors : FACTORS) {
          compare(product, expected, size, new Factors(factors[0], factors[1]));
        }
      }
    }
  }

  private void compare(MatrixProduct product, MatrixProduct expected, Size size, Factors factors) {
    try (Arena step = arena.child("step")) {
      int[] a = size.transposeA() ? dims(size.k(), size.m()) : dims(size.m(), size.k());
      int[] b = size.transposeB() ? dims(size.n(), size.k()) : dims(size.k(), size.n());
      int[] c = dims(size.m(), size.n());
      long left = CpuMemory.addressOf(values(step, 7919, a));
      long right = CpuMemory.addressOf(values(step, 10_007, b));
      Tensor out = values(step, 6007, c);
      Tensor again = values(step, 6007, c);
      Tensor wanted = values(step, 6007, c);
      for (Tensor result : new Tensor[] {out, again, wanted}) {
        (result == wanted ? expected : product)
            .multiply(
                DType.F32,
                size,
                factors,
                new Operands(left, a[1], right, b[1], CpuMemory.addressOf(result), c[1]),
                scratch);
      }
      float[] found = out.toFloats();
      assertThat(again.toFloats()).as("%s %s", size, factors).containsExactly(found);
      float[] correct = wanted.toFloats();
      double furthest = 0;
      for (int i = 0; i < found.length; i++) {
        double difference = Math.abs((double) found[i] - correct[i]);
        furthest = Math.max(furthest, i % c[1] < size.n() ? difference : difference * 1e9);
      }
      assertThat(furthest)
          .as("%s %s", size, factors)
          .isLessThan(1e-5 * 4 * (1 + Math.abs(factors.alpha()) * Math.sqrt(size.k())));
    }
  }

  private static int[] dims(int rows, int columns) {
    return new int[] {rows, columns + GAP};
  }

  /** From -1 to 1, without a pattern that a wrong stride would keep. */
  private static Tensor values(Arena arena, long factor, int[] dims) {
    float[] values = new float[dims[0] * dims[1]];
    for (int i = 0; i < values.length; i++) {
      values[i] = ((i + 1) * factor % 65_521) / 32_760f - 1;
    }
    Tensor tensor = arena.allocate("values", DType.F32, dims);
    tensor.copyFrom(values);
    return tensor;
  }
}
