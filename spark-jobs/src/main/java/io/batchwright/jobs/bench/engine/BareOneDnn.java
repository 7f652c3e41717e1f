package io.batchwright.jobs.bench.engine;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import io.batchwright.jobs.bench.engine.BareProducts.Operands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.javacpp.Loader;

/**
 * oneDNN's two ways to multiply, by its C interface (oneDNN Developer Guide, version 3): the
 * BLAS-like {@code dnnl_sgemm}, and the primitive {@code matmul}, whose kernels are generated for
 * the sizes. For the thread that makes it, which gets one thread of the library.
 */
final class BareOneDnn implements AutoCloseable {
  private static final String FOLDER = "/org/bytedeco/dnnl/linux-x86_64/";

  // dnnl_cpu, dnnl_f32, dnnl_stream_in_order; DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST.
  private static final int CPU = 1;
  private static final int F32 = 3;
  private static final int IN_ORDER = 1;
  private static final int[] ARGUMENTS = {1, 33, 17};

  /** Of a C structure of an int and a pointer. */
  private static final int ARGUMENT_BYTES = 16;

  private final NativeLibrary library = load();
  private final Deque<Runnable> releases = new ArrayDeque<>();
  private final Operands operands;

  BareOneDnn(Operands operands) {
    this.operands = operands;
    library.getFunction("omp_set_num_threads").invokeVoid(new Object[] {1});
  }

  private static NativeLibrary load() {
    try {
      Loader.cacheResource(Loader.class, FOLDER + "libgomp.so.1"); // the other looks beside itself
      return NativeLibrary.getInstance(
          Loader.cacheResource(Loader.class, FOLDER + "libdnnl.so.3").getPath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The product by {@code dnnl_sgemm}. */
  Runnable sgemm() {
    Function function = library.getFunction("dnnl_sgemm");
    Object[] arguments = {
      (byte) 'N',
      (byte) 'T',
      (long) operands.m(),
      (long) operands.n(),
      (long) operands.k(),
      1f,
      pointer(operands.x()),
      (long) operands.k(),
      pointer(operands.w()),
      (long) operands.k(),
      0f,
      pointer(operands.y()),
      (long) operands.n()
    };
    return () -> check(function, arguments);
  }

  /** The product by the primitive. */
  Runnable matmul() {
    long m = operands.m();
    long n = operands.n();
    long k = operands.k();
    Pointer engine = make("dnnl_engine", "_create", CPU, 0L);
    Pointer stream = make("dnnl_stream", "_create", engine, IN_ORDER);
    Pointer x = matrix(m, k, k, 1);
    Pointer w = matrix(k, n, 1, k); // stored [n, k]
    Pointer y = matrix(m, n, n, 1);
    Pointer none = Pointer.NULL;
    Pointer description =
        make(
            "dnnl_primitive_desc",
            "dnnl_matmul_primitive_desc_create",
            engine,
            x,
            w,
            none,
            y,
            none);
    Pointer primitive = make("dnnl_primitive", "_create", description);
    Pointer[] memories = {
      make("dnnl_memory", "_create", x, engine, pointer(operands.x())),
      make("dnnl_memory", "_create", w, engine, pointer(operands.w())),
      make("dnnl_memory", "_create", y, engine, pointer(operands.y()))
    };
    Memory list = new Memory((long) memories.length * ARGUMENT_BYTES);
    for (int i = 0; i < memories.length; i++) {
      list.setInt((long) i * ARGUMENT_BYTES, ARGUMENTS[i]);
      list.setPointer((long) i * ARGUMENT_BYTES + Long.BYTES, memories[i]);
    }
    Function execute = library.getFunction("dnnl_primitive_execute");
    Function await = library.getFunction("dnnl_stream_wait");
    Object[] arguments = {primitive, stream, memories.length, list};
    Object[] queue = {stream};
    return () -> {
      check(execute, arguments);
      check(await, queue);
    };
  }

  /** The description of a matrix in memory; strides in elements. */
  private Pointer matrix(long rows, long columns, long rowStride, long columnStride) {
    long[] dims = {rows, columns};
    long[] strides = {rowStride, columnStride};
    return make("dnnl_memory_desc", "_create_with_strides", dims.length, dims, F32, strides);
  }

  /** What a function of the library makes; it is destroyed at the end. */
  private Pointer make(String type, String function, Object... arguments) {
    PointerByReference made = new PointerByReference();
    Object[] all = new Object[arguments.length + 1];
    all[0] = made;
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    check(library.getFunction(function.startsWith("_") ? type + function : function), all);
    Pointer pointer = made.getValue();
    Function destroy = library.getFunction(type + "_destroy");
    releases.push(() -> check(destroy, new Object[] {pointer}));
    return pointer;
  }

  private static void check(Function function, Object[] arguments) {
    int status = function.invokeInt(arguments);
    if (status != 0) {
      throw new IllegalStateException(
          "oneDNN's %s failed with status %d".formatted(function.getName(), status));
    }
  }

  private static Pointer pointer(org.bytedeco.javacpp.Pointer memory) {
    return new Pointer(memory.address());
  }

  @Override
  public void close() {
    releases.forEach(Runnable::run);
    releases.clear();
  }
}
