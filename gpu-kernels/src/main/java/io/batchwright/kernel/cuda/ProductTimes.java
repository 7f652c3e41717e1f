package io.batchwright.kernel.cuda;

import io.batchwright.kernel.Precision;
import io.batchwright.tensor.RandomStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How long products take by either provider, by the device's clock. Each place is measured a few
 * times by turns, small products many at a time; the least time counts, since whatever disturbs
 * makes longer.
 *
 * <p>Factors are of the type that layers leave, bf16 where products round to it; those of the
 * layout of linear layers have a bias, as these do.
 */
final class ProductTimes {
  private static final int SAMPLES = 3;
  private static final int MOST_CALLS = 16;
  private static final double ENOUGH_PRODUCTS = 1L << 32; // of numbers, a sample
  private static final int PATTERN = 1 << 20;

  private final CudaDevice device;
  private final Products own;
  private final Products cublas;

  ProductTimes(CudaDevice device, Products own, Products cublas) {
    this.device = device;
    this.own = own;
    this.cublas = cublas;
  }

  /**
   * Measures all places. Nothing of the device's memory is held afterwards, since what a run needs
   * may be far less.
   *
   * @throws OutOfMemoryError if the device has no room for the largest
   * @throws io.batchwright.tensor.ArenaLimitException if it has none for their workspace
   */
  Map<ProductChoices.Place, ProductChoices.Times> of(List<ProductChoices.Place> places) {
    long a = 1;
    long b = 1;
    long c = 1;
    for (ProductChoices.Place place : places) {
      a = Math.max(a, (long) place.m() * place.k());
      b = Math.max(b, (long) place.k() * place.n());
      c = Math.max(c, (long) place.m() * place.n());
    }
    Map<ProductChoices.Place, ProductChoices.Times> times = new LinkedHashMap<>();
    // Without graphs, since cuBLAS is never part of one. Those of a rank that trains on the device
    // meanwhile, in another precision, are made again from what comes after: its results are the
    // same, it only loses time.
    boolean graphs = device.useGraphs(false);
    try (Block factorA = new Block(4 * a);
        Block factorB = new Block(4 * b);
        Block result = new Block(4 * c)) {
      factorA.fill();
      factorB.fill();
      for (ProductChoices.Place place : places) {
        times.put(
            place, measured(product(place, factorA.address, factorB.address, result.address)));
      }
    } finally {
      device.freeWorkspace();
      device.useGraphs(graphs);
    }
    return times;
  }

  private Products.Product product(ProductChoices.Place place, long a, long b, long c) {
    boolean rounded = own.precision() == Precision.BF16;
    boolean linear = place.layout() == ProductChoices.Layout.NT;
    return new Products.Product(
        place.result(),
        place.m(),
        place.n(),
        place.k(),
        place.layout() == ProductChoices.Layout.TN,
        linear,
        1,
        0,
        rounded,
        rounded,
        a,
        b,
        c,
        linear ? new Products.Epilogue(a, 0, 0) : Products.Epilogue.NONE);
  }

  private ProductChoices.Times measured(Products.Product product) {
    double numbers = (double) product.m() * product.n() * product.k();
    int calls = (int) Math.max(1, Math.min(MOST_CALLS, ENOUGH_PRODUCTS / numbers));
    double[] least = {Double.MAX_VALUE, Double.MAX_VALUE};
    for (int sample = 0; sample <= SAMPLES; sample++) {
      for (int i = 0; i < 2; i++) {
        Products by = i == 0 ? own : cublas;
        double milliseconds =
            device.milliseconds(
                () -> {
                  for (int call = 0; call < calls; call++) {
                    by.multiply(product);
                  }
                });
        if (sample > 0) { // the first warms up
          least[i] = Math.min(least[i], milliseconds / calls);
        }
      }
    }
    return new ProductChoices.Times(least[0], least[1]);
  }

  /** Device memory of a measurement. */
  private final class Block implements AutoCloseable {
    final long address;
    private final long bytes;

    Block(long bytes) {
      this.bytes = bytes;
      this.address = device.allocate(bytes);
    }

    /** With normal numbers of both types: zeros would take less power, and so less time. */
    void fill() {
      RandomStream stream = RandomStream.of(1, "product times", 0, 0);
      int[] pattern = new int[(int) Math.min(PATTERN, bytes / 4)];
      for (int i = 0; i < pattern.length; i++) {
        pattern[i] =
            (stream.intAt(i) & 0x80FF80FF) | 0x3F003F00; // two of bf16 from 0.5 to 2, or one of F32
      }
      device.transfers().write(pattern, address);
      for (long done = 4L * pattern.length; done < bytes; done *= 2) {
        device.copy(address, address + done, Math.min(done, bytes - done));
      }
    }

    @Override
    public void close() {
      device.free(address);
    }
  }
}
