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
 */
final class OneDnn {
  private static final String FOLDER = "/org/bytedeco/dnnl/linux-x86_64/";
  private static final Function SET_THREADS;
  private static final String VERSION;

  /** OpenMP's setting belongs to a thread, whichever backends it works for. */
  private static final ThreadLocal<Integer> THREADS = ThreadLocal.withInitial(() -> 0);

  static {
    // Beside each other, where the one finds the other; the folder is JavaCPP's, behind its lock.
    unpack("libgomp.so.1");
    NativeLibrary library = NativeLibrary.getInstance(unpack("libdnnl.so.3").getPath());
    Native.register(OneDnn.class, library);
    SET_THREADS = library.getFunction("omp_set_num_threads");
    Pointer version = library.getFunction("dnnl_version").invokePointer(new Object[0]);
    int kernels = library.getFunction("dnnl_get_effective_cpu_isa").invokeInt(new Object[0]);
    VERSION =
        "%d.%d.%d for 0x%x"
            .formatted(version.getInt(0), version.getInt(4), version.getInt(8), kernels);
  }

  private OneDnn() {}

  /**
   * The version and the instructions that its kernels use, as its number has them; the environment
   * may hold it to fewer than the processor has, and other kernels give other bits.
   */
  static String version() {
    return VERSION;
  }

  /** Lets the library use so many threads for calls of this thread. */
  static void allowThreads(int number) {
    if (THREADS.get() != number) {
      SET_THREADS.invokeVoid(new Object[] {number});
      THREADS.set(number);
    }
  }

  /**
   * {@code c = alpha op(a) op(b) + beta c}, all row-major; addresses and leading dimensions. The
   * name is the library's, by which JNA finds it.
   *
   * @return 0 if it went well
   */
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
