package io.batchwright.kernel;

import io.batchwright.kernel.cpu.CpuBackend;
import java.util.Locale;

/** Where a {@link Backend} comes from. */
public final class Backends {

  private Backends() {}

  /**
   * The backend of that name.
   *
   * <ul>
   *   <li>{@code auto}: the best there is; in this version the CPU
   *   <li>{@code cpu}: matrix products by OpenBLAS where its native library loads, in Java
   *       otherwise; {@code -Dbatchwright.cpu.provider=openblas|java} asks for one of them
   *   <li>{@code java}: the CPU without native code, the same bits on every machine
   *   <li>{@code gpu}: refused, this version has no CUDA backend
   * </ul>
   *
   * @throws IllegalArgumentException for another name
   * @throws IllegalStateException if what was asked for does not work on this machine
   */
  public static Backend select(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "auto", "cpu" -> cpu();
      case "java" -> CpuBackend.inJava();
      case "gpu" ->
          throw new IllegalStateException(
              "backend 'gpu' was asked for, but this version of Batchwright has no CUDA backend:"
                  + " use 'auto' or 'cpu'");
      default ->
          throw new IllegalArgumentException(
              "backend must be one of auto, cpu, java, gpu, got '" + name + "'");
    };
  }

  /** The CPU backend with its default provider. */
  public static Backend cpu() {
    return CpuBackend.withDefaultProvider();
  }
}
