package io.batchwright.kernel.cpu;

import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.io.File;
import java.io.IOException;
import org.bytedeco.javacpp.Loader;

/**
 * What we call of oneDNN, Intel's library of kernels for deep learning (Apache-2.0): C functions of
 * the library that JavaCPP's jar brings, through JNA. JavaCPP's own binding would need OpenCL's.
 *
 * <p>Native methods have the library's names, by which JNA finds them. They return 0 if it went
 * well; pointers are addresses, and what a function makes it writes to the address that it is given
 * first.
 */
final class OneDnn {
  private static final String FOLDER = "/org/bytedeco/dnnl/linux-x86_64/";

  /** The library's numbers of instruction sets: a bit for each that the set includes. */
  private static final int AVX512_BF16 = 0xe7;

  private static final int AMX = 0xfef;
  private static final Function SET_THREADS;
  private static final String VERSION;
  private static final int KERNELS;

  /** OpenMP's setting belongs to a thread, whichever backends it works for. */
  private static final ThreadLocal<Boolean> ALONE =
      ThreadLocal.withInitial(
          () -> {
            allow(1);
            return true;
          });

  static {
    // Beside each other, where the one finds the other; the folder is JavaCPP's, behind its lock.
    unpack("libgomp.so.1");
    NativeLibrary library = NativeLibrary.getInstance(unpack("libdnnl.so.3").getPath());
    Native.register(OneDnn.class, library);
    SET_THREADS = library.getFunction("omp_set_num_threads");
    Pointer version = library.getFunction("dnnl_version").invokePointer(new Object[0]);
    KERNELS = library.getFunction("dnnl_get_effective_cpu_isa").invokeInt(new Object[0]);
    VERSION =
        "%d.%d.%d for 0x%x"
            .formatted(version.getInt(0), version.getInt(4), version.getInt(8), KERNELS);
  }

  private OneDnn() {}

  /**
   * The version and the instructions that its kernels use, as its number has them; the environment
   * may hold it to fewer than the processor has, and other kernels give other bits.
   */
  static String version() {
    return VERSION;
  }

  /** By what instructions it multiplies bf16, {@code amx} or {@code avx512_bf16}; "" by none. */
  static String bf16() {
    if ((KERNELS & AMX) == AMX) {
      return "amx";
    }
    return (KERNELS & AVX512_BF16) == AVX512_BF16 ? "avx512_bf16" : "";
  }

  /** Keeps the library from using other threads for calls of this one. */
  static void allowOneThread() {
    ALONE.get();
  }

  private static void allow(int threads) {
    SET_THREADS.invokeVoid(new Object[] {threads});
  }

  /** A function that makes something. */
  interface Making {
    /** Calls it with the address for what it makes, and returns its status. */
    int at(long made);
  }

  /** What the function makes. */
  static long make(Making function) {
    long made = OffHeap.allocate(Long.BYTES);
    try {
      check(function.at(made));
      return OffHeap.longAt(made);
    } finally {
      OffHeap.free(made);
    }
  }

  static void check(int status) {
    if (status != 0) {
      throw new IllegalStateException("oneDNN failed with status " + status);
    }
  }

  /** {@code c = alpha op(a) op(b) + beta c}, all row-major; addresses and leading dimensions. */
  static native int dnnl_sgemm(
      byte transA,
      byte transB,
      long m,
      long n,
      long k,
      float alpha,
      long a,
      long strideA,
      long b,
      long strideB,
      float beta,
      long c,
      long strideC);

  static native int dnnl_engine_create(long made, int kind, long index);

  static native int dnnl_stream_create(long made, long engine, int flags);

  static native int dnnl_stream_wait(long stream);

  static native int dnnl_stream_destroy(long stream);

  static native int dnnl_memory_desc_create_with_strides(
      long made, int dims, long extents, int type, long strides);

  static native long dnnl_memory_desc_get_size(long description);

  static native int dnnl_memory_desc_destroy(long description);

  static native int dnnl_memory_create(long made, long description, long engine, long address);

  static native int dnnl_memory_set_data_handle(long memory, long address);

  static native int dnnl_memory_destroy(long memory);

  static native int dnnl_post_ops_create(long made);

  static native int dnnl_post_ops_append_eltwise(
      long operations, int kind, float alpha, float beta);

  static native int dnnl_post_ops_append_sum(long operations, float scale, int zeroPoint, int type);

  static native int dnnl_post_ops_destroy(long operations);

  static native int dnnl_primitive_attr_create(long made);

  static native int dnnl_primitive_attr_set_post_ops(long attributes, long operations);

  static native int dnnl_primitive_attr_set_scratchpad_mode(long attributes, int mode);

  static native int dnnl_primitive_attr_set_fpmath_mode(long attributes, int mode);

  static native int dnnl_primitive_attr_destroy(long attributes);

  static native int dnnl_matmul_primitive_desc_create(
      long made, long engine, long a, long b, long bias, long c, long attributes);

  static native int dnnl_primitive_desc_query(long description, int what, int index, long result);

  static native long dnnl_primitive_desc_query_md(long description, int what, int index);

  static native int dnnl_primitive_desc_destroy(long description);

  static native int dnnl_primitive_create(long made, long description);

  static native int dnnl_primitive_execute(long primitive, long stream, int count, long arguments);

  static native int dnnl_primitive_destroy(long primitive);

  static native int dnnl_set_primitive_cache_capacity(int capacity);

  private static File unpack(String name) {
    try {
      File file = Loader.cacheResource(Loader.class, FOLDER + name);
      if (file == null) {
        throw new UnsatisfiedLinkError("there is no " + FOLDER + name + " in the class path");
      }
      return file;
    } catch (IOException e) {
      throw new UnsatisfiedLinkError(name + " cannot be unpacked: " + e);
    }
  }
}
