package io.batchwright.kernel.cuda;

import io.batchwright.kernel.Precision;
import io.batchwright.tensor.ArenaLimitException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who multiplies, as {@code -Dbatchwright.cuda.provider=auto|own|cublas} says.
 *
 * <p>{@code auto} measures once where the host has cuBLAS, when a device is first used, and keeps
 * the table in {@link CacheFolder}: by device, newest CUDA of its driver, cuBLAS, our kernels and
 * precision. Of processes that measure at the same time all take the table of the first. From then
 * on nothing depends on times: the table decides.
 */
enum ProductProvider {
  /** The faster of the two for each kind and size of product; our own where there is no cuBLAS. */
  AUTO,
  /** Our kernels: the same bits on every card. */
  OWN,
  /** The host's cuBLAS for everything. */
  CUBLAS;

  static final String PROPERTY = "batchwright.cuda.provider";
  private static final Logger LOG = LoggerFactory.getLogger(ProductProvider.class);

  // What this process measured or read; by device, cuBLAS and precision.
  private static final Map<Measured, ProductChoices> KNOWN = new ConcurrentHashMap<>();

  private static final AtomicBoolean WARNED_OF_NO_CACHE = new AtomicBoolean();

  private record Measured(CudaDevice device, String cublas) {}

  /**
   * What the property asks for; {@code auto} by default.
   *
   * @throws IllegalArgumentException for another value
   */
  static ProductProvider configured() {
    String value = System.getProperty(PROPERTY, "auto");
    return switch (value) {
      case "auto" -> AUTO;
      case "own" -> OWN;
      case "cublas" -> CUBLAS;
      default ->
          throw new IllegalArgumentException(
              PROPERTY + " must be one of auto, own, cublas, got '" + value + "'");
    };
  }

  /**
   * The provider on a device.
   *
   * @throws CudaFailure if cuBLAS is asked for and the host has none that works
   */
  Products on(CudaDevice device, Precision precision) {
    return on(device, precision, ProductChoices.Grid.USUAL, CacheFolder.configured());
  }

  Products on(CudaDevice device, Precision precision, ProductChoices.Grid grid, CacheFolder cache) {
    OwnProducts own = new OwnProducts(device, precision);
    if (this == OWN) {
      return own;
    }
    Optional<HostCublas> found = HostCublas.find(device, precision);
    if (this == CUBLAS) {
      return found.orElseThrow(
          () -> new CudaFailure(PROPERTY + " is cublas, but no cuBLAS that works was found"));
    }
    return found.map(cublas -> measured(device, own, cublas, grid, cache)).orElse(own);
  }

  /**
   * The provider that chooses as another process does; nothing if that needs a cuBLAS and this host
   * has none.
   *
   * @param choices its {@link Products#choices}
   */
  static Optional<Products> by(String choices, CudaDevice device, Precision precision) {
    OwnProducts own = new OwnProducts(device, precision);
    return choices.equals(OWN.toString())
        ? Optional.of(own)
        : HostCublas.find(device, precision)
            .map(
                cublas ->
                    choices.equals(CUBLAS.toString())
                        ? cublas
                        : new ChosenProducts(own, cublas, ProductChoices.parse(choices)));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static Products measured(
      CudaDevice device,
      OwnProducts own,
      HostCublas cublas,
      ProductChoices.Grid grid,
      CacheFolder cache) {
    try {
      ProductChoices choices =
          KNOWN.computeIfAbsent(
              new Measured(device, cublas.name()),
              key -> keptOrMeasured(device, own, cublas, grid, cache));
      return new ChosenProducts(own, cublas, choices);
    } catch (OutOfMemoryError | ArenaLimitException e) { // of what is multiplied, of a workspace
      LOG.warn(
          "No room on {} to measure matrix products: all are by {}",
          device.properties(),
          cublas.name());
      return cublas;
    }
  }

  private static ProductChoices keptOrMeasured(
      CudaDevice device,
      OwnProducts own,
      HostCublas cublas,
      ProductChoices.Grid grid,
      CacheFolder cache) {
    String madeFor =
        "%s; cublas %d; %s; kernels %s by %s"
            .formatted(
                device.properties(),
                cublas.version(),
                own.precision(),
                device.kernelsHash(),
                device.compiler().isEmpty() ? "PTX" : device.compiler());
    String file =
        "products-"
            + CacheFolder.hash(madeFor.getBytes(StandardCharsets.UTF_8)).substring(0, 16)
            + ".txt";
    Optional<ProductChoices> kept =
        cache.read(file).flatMap(content -> parsed(content, madeFor, grid, file, cache));
    if (kept.isPresent()) {
      said(device, kept.get(), cublas, "as measured before");
      return kept.get();
    }
    long start = System.nanoTime();
    ProductChoices choices =
        new ProductChoices(
            madeFor, grid, new ProductTimes(device, own, cublas).of(grid.places(own.precision())));
    double seconds = (System.nanoTime() - start) / 1e9;
    Optional<ProductChoices> first =
        cache
            .keep(
                file,
                choices.text().getBytes(StandardCharsets.UTF_8),
                other -> parsed(other, madeFor, grid, file, cache).isPresent())
            .flatMap(other -> parsed(other, madeFor, grid, file, cache));
    if (first.isPresent()) {
      said(device, first.get(), cublas, "as another process has measured meanwhile");
      return first.get();
    }
    said(device, choices, cublas, String.format(Locale.ROOT, "measured in %.1f s", seconds));
    if (cache.keepsNothing() && WARNED_OF_NO_CACHE.compareAndSet(false, true)) {
      LOG.warn(
          "The table of matrix products is not kept ({} is none, or there is no home): another"
              + " process, as that of a second attempt, measures anew and may differ in last bits",
          CacheFolder.PROPERTY);
    }
    return choices;
  }

  private static Optional<ProductChoices> parsed(
      byte[] content, String madeFor, ProductChoices.Grid grid, String file, CacheFolder cache) {
    try {
      ProductChoices choices = ProductChoices.parse(new String(content, StandardCharsets.UTF_8));
      if (choices.madeFor().equals(madeFor) && choices.grid().equals(grid)) {
        return Optional.of(choices);
      }
      cache.ignored(file, "it is for " + choices.madeFor());
    } catch (IllegalArgumentException e) {
      cache.ignored(file, e.getMessage());
    }
    return Optional.empty();
  }

  private static void said(
      CudaDevice device, ProductChoices choices, HostCublas cublas, String how) {
    LOG.info(
        "Matrix products on {}: {} of {} kinds and sizes by our own kernels, the rest by {} (table {}, {})",
        device.properties(),
        choices.owns(),
        choices.size(),
        cublas.name(),
        choices.id(),
        how);
  }
}
