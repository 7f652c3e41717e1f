package io.batchwright.kernel;

import io.batchwright.kernel.cpu.CpuBackend;
import io.batchwright.kernel.cuda.CudaDevices;
import io.batchwright.kernel.cuda.CudaFailure;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where a {@link Backend} comes from. */
public final class Backends {

  private static final Logger LOG = LoggerFactory.getLogger(Backends.class);
  private static final AtomicBoolean SAID = new AtomicBoolean();
  private static final AtomicBoolean SAID_FLOAT32 = new AtomicBoolean();

  private Backends() {}

  /**
   * {@link #select(String, int, Precision)} with the first GPU that is visible to the process, in
   * the precision that {@code -Dbatchwright.cuda.products} asks for, or with a CPU, in float32.
   */
  public static Backend select(String name) {
    return select(name, 0, Precision.configured(), Precision.FLOAT32, 1);
  }

  /**
   * The backend of that name.
   *
   * <ul>
   *   <li>{@code auto}: a GPU where one works, otherwise the CPU, in float32 if its provider has no
   *       instructions for bf16; the log says why
   *   <li>{@code cpu}: matrix products by oneDNN on Intel's processors with AVX-512, by OpenBLAS on
   *       others, in Java where neither loads; {@code
   *       -Dbatchwright.cpu.provider=onednn|openblas|java} asks for one of them
   *   <li>{@code java}: the CPU without native code, the same bits on every machine
   *   <li>{@code cuda}: a GPU
   * </ul>
   *
   * @param gpu which GPU, counted from 0 over those that are visible to the process
   * @param precision of matrix products and of what layers leave behind
   * @throws IllegalArgumentException for another name
   * @throws IllegalStateException if what was asked for does not work on this machine
   */
  public static Backend select(String name, int gpu, Precision precision) {
    return select(name, gpu, precision, 1);
  }

  /**
   * The same with several threads where it is a CPU: they share the work of each call, with the
   * same results but for the last bits of matrix products, which a library may compute otherwise in
   * parts. A GPU has no use for them.
   *
   * @param threads the one that calls among them, at least 1
   */
  public static Backend select(String name, int gpu, Precision precision, int threads) {
    return select(name, gpu, precision, precision, threads);
  }

  private static Backend select(
      String name, int gpu, Precision onGpu, Precision onCpu, int threads) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "auto" -> best(gpu, onGpu, onCpu, threads);
      case "cpu" -> CpuBackend.withDefaultProvider(onCpu, threads);
      case "java" -> CpuBackend.inJava(onCpu, threads);
      case "cuda" -> {
        try {
          yield CudaDevices.open(gpu, onGpu);
        } catch (CudaFailure e) {
          throw new IllegalStateException(
              "backend 'cuda' was asked for, but "
                  + e.getMessage()
                  + "; use 'auto' or 'cpu' to go without",
              e);
        }
      }
      default ->
          throw new IllegalArgumentException(
              "backend must be one of auto, cpu, cuda, java, got '" + name + "'");
    };
  }

  private static Backend best(int gpu, Precision onGpu, Precision onCpu, int threads) {
    try {
      return CudaDevices.open(gpu, onGpu);
    } catch (CudaFailure e) {
      if (SAID.compareAndSet(false, true)) {
        LOG.info("Backend auto is the CPU: {}", e.getMessage());
      }
      if (onCpu == Precision.FLOAT32 || CpuBackend.multipliesBf16()) {
        return CpuBackend.withDefaultProvider(onCpu, threads);
      }
      if (SAID_FLOAT32.compareAndSet(false, true)) {
        LOG.warn(
            "{} was asked for, but this processor has no instructions for it: float32 instead."
                + " Ranks on other machines may differ; backend 'cpu' rounds on all of them",
            onCpu);
      }
      return cpu(threads);
    }
  }

  /**
   * Keeps MLlib from loading a BLAS of the system beside ours, unless a property already names one:
   * two OpenBLAS in one process share symbols by name, and the system's then reads tables of ours
   * and crashes (KMeans with OpenBLAS 0.3.21 of Debian 12). MLlib computes in Java instead. Call it
   * before MLlib where no backend was opened yet.
   */
  public static void keepOneBlas() {
    String netlib = "dev.ludovic.netlib.blas.nativeLib";
    if (System.getProperty(netlib) == null && System.getProperty(netlib + "Path") == null) {
      System.setProperty(netlib, "none");
    }
  }

  /** The CPU backend with its default provider, on the thread that calls. */
  public static Backend cpu() {
    return cpu(1);
  }

  /** The CPU backend with its default provider, on so many threads, the calling one among them. */
  public static Backend cpu(int threads) {
    return CpuBackend.withDefaultProvider(Precision.FLOAT32, threads);
  }
}
