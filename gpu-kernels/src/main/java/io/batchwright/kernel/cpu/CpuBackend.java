package io.batchwright.kernel.cpu;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.JoinedKernels;
import io.batchwright.tensor.Arena;

/** The CPU as a {@link Backend}: joins the seven groups of kernels. */
public final class CpuBackend extends JoinedKernels {
  private final CpuMemory memory = new CpuMemory();
  private final ThreadLocal<Scratch> scratch;
  private final String provider;

  private CpuBackend(MatrixProduct product) {
    this(product, ThreadLocal.withInitial(Scratch::new));
  }

  private CpuBackend(MatrixProduct product, ThreadLocal<Scratch> scratch) {
    super(
        new CpuElements(scratch::get),
        new CpuReductions(scratch::get),
        new CpuMatrices(product, new CpuElements(scratch::get), scratch::get),
        new CpuRows(scratch::get),
        new CpuAttention(product, scratch::get),
        new CpuNorms(scratch::get),
        new CpuSearch(scratch::get),
        new CpuUpdates(scratch::get));
    this.scratch = scratch;
    this.provider = product.name();
  }

  /** With OpenBLAS or Java, as {@code batchwright.cpu.provider} says, or as the machine allows. */
  public static CpuBackend withDefaultProvider() {
    return new CpuBackend(Providers.byDefault());
  }

  /** See {@link io.batchwright.kernel.Backends#productThreads}. */
  public static void productThreads(int threads) {
    Providers.byDefault().threads(threads);
  }

  /** Without native code. */
  public static CpuBackend inJava() {
    return new CpuBackend(new JavaProduct());
  }

  /** With the provider that {@link Providers} gives for this value. */
  static CpuBackend of(String provider) {
    return new CpuBackend(Providers.choose(provider));
  }

  @Override
  public String provider() {
    return provider;
  }

  @Override
  public String device() {
    return memory.device();
  }

  @Override
  public Arena arena(String label, long maxBytes) {
    return new Arena(label, memory, maxBytes);
  }

  @Override
  public void close() {
    scratch.remove();
  }
}
