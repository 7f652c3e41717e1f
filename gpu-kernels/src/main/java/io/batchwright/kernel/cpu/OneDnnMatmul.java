package io.batchwright.kernel.cpu;

import static io.batchwright.kernel.cpu.OneDnn.check;
import static io.batchwright.kernel.cpu.OneDnn.make;

import com.sun.jna.Pointer;
import io.batchwright.kernel.cpu.MatrixProduct.Operands;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A matrix product as a primitive of oneDNN: kernels that the library generates for these extents,
 * strides and factors, and the memory objects that its arguments are. For one thread at a time.
 */
final class OneDnnMatmul implements AutoCloseable {
  /** The library's numbers of things. */
  private static final int CPU = 1;

  private static final int F32 = 3;
  private static final int LINEAR = 0x26;
  private static final int USER_SCRATCHPAD = 1;
  private static final int BF16_MATH = 1;
  private static final int IMPLEMENTATION = 8;
  private static final int SCRATCHPAD = 136;
  private static final int[] ARGUMENTS = {1, 33, 17, 80}; // a, b, c, scratchpad
  private static final int ARGUMENT_BYTES = 16;

  private static final long ENGINE = make(made -> OneDnn.dnnl_engine_create(made, CPU, 0));
  private static final AtomicInteger LIVE = new AtomicInteger();

  private final Deque<Runnable> releases = new ArrayDeque<>();
  private final long primitive;

  /** The library's name for the kernels, as in {@code brg_matmul:avx512_core}. */
  private final String implementation;

  private final long scratchBytes;
  private final long arguments;
  private final long[] memories = new long[ARGUMENTS.length];
  private final long[] addresses = new long[ARGUMENTS.length];

  /**
   * What kernels are generated for.
   *
   * @param strideA elements from one stored row to the next, and so on
   * @param rounded whether the library may round factors to bf16
   */
  record Form(
      MatrixProduct.Size size,
      MatrixProduct.Factors factors,
      int strideA,
      int strideB,
      int strideC,
      boolean rounded) {}

  OneDnnMatmul(Form form) {
    LIVE.incrementAndGet();
    releases.push(LIVE::decrementAndGet);
    try {
      MatrixProduct.Size size = form.size();
      long a = matrix(size.m(), size.k(), form.strideA(), size.transposeA());
      long b = matrix(size.k(), size.n(), form.strideB(), size.transposeB());
      long c = matrix(size.m(), size.n(), form.strideC(), false);
      long attributes = attributes(form);
      long description =
          make(
              made ->
                  OneDnn.dnnl_matmul_primitive_desc_create(made, ENGINE, a, b, 0, c, attributes));
      releases.push(() -> OneDnn.dnnl_primitive_desc_destroy(description));
      implementation = implementation(description);
      long scratch = OneDnn.dnnl_primitive_desc_query_md(description, SCRATCHPAD, 0);
      scratchBytes = OneDnn.dnnl_memory_desc_get_size(scratch);
      primitive = make(made -> OneDnn.dnnl_primitive_create(made, description));
      releases.push(() -> OneDnn.dnnl_primitive_destroy(primitive));
      arguments = OffHeap.allocate((long) ARGUMENTS.length * ARGUMENT_BYTES);
      releases.push(() -> OffHeap.free(arguments));
      argument(0, a);
      argument(1, b);
      argument(2, c);
      argument(3, scratch);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Of [rows, columns], stored row by row, or column by column if {@code transposed}. */
  private long matrix(long rows, long columns, long stride, boolean transposed) {
    long numbers = OffHeap.allocate(4L * Long.BYTES);
    try {
      OffHeap.putLong(numbers, rows);
      OffHeap.putLong(numbers + 8, columns);
      OffHeap.putLong(numbers + 16, transposed ? 1 : stride);
      OffHeap.putLong(numbers + 24, transposed ? stride : 1);
      long description =
          make(
              made ->
                  OneDnn.dnnl_memory_desc_create_with_strides(made, 2, numbers, F32, numbers + 16));
      releases.push(() -> OneDnn.dnnl_memory_desc_destroy(description));
      return description;
    } finally {
      OffHeap.free(numbers);
    }
  }

  private long attributes(Form form) {
    long attributes = make(OneDnn::dnnl_primitive_attr_create);
    releases.push(() -> OneDnn.dnnl_primitive_attr_destroy(attributes));
    check(OneDnn.dnnl_primitive_attr_set_scratchpad_mode(attributes, USER_SCRATCHPAD));
    if (form.rounded()) {
      check(OneDnn.dnnl_primitive_attr_set_fpmath_mode(attributes, BF16_MATH));
    }
    long after = make(OneDnn::dnnl_post_ops_create);
    releases.push(() -> OneDnn.dnnl_post_ops_destroy(after));
    if (form.factors().alpha() != 1) {
      float alpha = (float) form.factors().alpha();
      check(OneDnn.dnnl_post_ops_append_eltwise(after, LINEAR, alpha, 0));
    }
    if (form.factors().beta() != 0) {
      check(OneDnn.dnnl_post_ops_append_sum(after, (float) form.factors().beta(), 0, 0));
    }
    check(OneDnn.dnnl_primitive_attr_set_post_ops(attributes, after));
    return attributes;
  }

  private static String implementation(long description) {
    return new Pointer(
            make(made -> OneDnn.dnnl_primitive_desc_query(description, IMPLEMENTATION, 0, made)))
        .getString(0);
  }

  private void argument(int index, long description) {
    long memory = make(made -> OneDnn.dnnl_memory_create(made, description, ENGINE, 0));
    releases.push(() -> OneDnn.dnnl_memory_destroy(memory));
    memories[index] = memory;
    long at = arguments + (long) index * ARGUMENT_BYTES;
    OffHeap.putInt(at, ARGUMENTS[index]);
    OffHeap.putLong(at + Long.BYTES, memory);
  }

  /** Primitives that were made and not closed, in the whole process. */
  static int live() {
    return LIVE.get();
  }

  /** A queue of work for {@link #run}, for one thread; destroyed by the library's function. */
  static long openStream() {
    return make(made -> OneDnn.dnnl_stream_create(made, ENGINE, 1));
  }

  /** Whether its kernels multiply bf16: the library may round, and for small forms it does not. */
  boolean rounds() {
    return implementation.contains("amx") || implementation.contains("bf16");
  }

  /** Bytes that {@link #run} needs to work in. */
  long scratchBytes() {
    return scratchBytes;
  }

  /**
   * Multiplies.
   *
   * @param operands with the strides of the form
   * @param scratch address of {@link #scratchBytes} bytes
   */
  void run(long stream, Operands operands, long scratch) {
    point(0, operands.a());
    point(1, operands.b());
    point(2, operands.c());
    point(3, scratch);
    check(OneDnn.dnnl_primitive_execute(primitive, stream, ARGUMENTS.length, arguments));
    check(OneDnn.dnnl_stream_wait(stream));
  }

  private void point(int index, long address) {
    if (addresses[index] != address) {
      check(OneDnn.dnnl_memory_set_data_handle(memories[index], address));
      addresses[index] = address;
    }
  }

  @Override
  public void close() {
    releases.forEach(Runnable::run);
    releases.clear();
  }
}
