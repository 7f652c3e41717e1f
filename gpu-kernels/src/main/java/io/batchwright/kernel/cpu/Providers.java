package io.batchwright.kernel.cpu;

import io.batchwright.kernel.Backends;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the providers of matrix products and of loops once per JVM, and says so in the log. */
final class Providers {
  static final String PROPERTY = "batchwright.cpu.provider";
  private static final Logger LOG = LoggerFactory.getLogger(Providers.class);
  private static final boolean VECTORS = findVectors();
  private static MatrixProduct chosen;
  private static MatrixProduct rounding;

  private Providers() {}

  static synchronized MatrixProduct byDefault() {
    if (chosen == null) {
      chosen = choose(System.getProperty(PROPERTY, "auto"));
      LOG.info("Matrix products on the CPU: {}", chosen.name());
    }
    return chosen;
  }

  /** The default provider, with factors rounded to bf16. */
  static synchronized MatrixProduct roundingByDefault() {
    if (rounding == null) {
      rounding = byDefault().rounding();
      if (rounding instanceof RoundedProduct) {
        LOG.warn("Nothing here multiplies bf16: factors are rounded by copies, which takes time");
      } else {
        LOG.info("Matrix products with rounded factors on the CPU: {}", rounding.name());
      }
    }
    return rounding;
  }

  /**
   * What the property's value asks for; {@code auto} takes what is fastest on this processor and
   * falls back to what loads, in the end to Java, with a warning.
   */
  static MatrixProduct choose(String value) {
    return switch (value) {
      case "java" -> new JavaProduct();
      case "openblas" -> openBlas();
      case "onednn" -> oneDnn(openBlas());
      case "auto" -> automatic();
      default ->
          throw new IllegalArgumentException(
              PROPERTY + " must be one of auto, onednn, openblas, java, got '" + value + "'");
    };
  }

  private static MatrixProduct automatic() {
    return automatic(Processor.here(), Providers::openBlas, Providers::oneDnn);
  }

  /**
   * The first that loads of what suits the processor.
   *
   * @param openBlas throws {@link IllegalStateException} where it does not load
   * @param oneDnn the same, over the provider of what it leaves
   */
  static MatrixProduct automatic(
      Processor processor, Supplier<MatrixProduct> openBlas, UnaryOperator<MatrixProduct> oneDnn) {
    MatrixProduct product;
    try {
      product = openBlas.get();
    } catch (IllegalStateException e) {
      LOG.warn("{}; matrix products run in Java, about three times slower", e.getMessage());
      return new JavaProduct();
    }
    if (processor.prefersOneDnn()) {
      try {
        return oneDnn.apply(product);
      } catch (IllegalStateException e) {
        LOG.warn("{}; matrix products run by OpenBLAS, slower on this processor", e.getMessage());
      }
    }
    return product;
  }

  /** Loops over arrays for one thread. */
  static RowLoops rows() {
    return VECTORS ? new VectorRowLoops() : new JavaRowLoops();
  }

  /** Loops over memory for one thread. */
  static StreamLoops streams(RowLoops rows) {
    return VECTORS && Vectors.reachMemory() ? new VectorStreamLoops() : new ArrayStreamLoops(rows);
  }

  private static boolean findVectors() {
    boolean found =
        ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent() && Vectors.supported();
    LOG.info(
        "Loops over floats on the CPU: {}",
        found ? "jdk.incubator.vector, %d bits".formatted(Vectors.WIDE.vectorBitSize()) : "Java");
    return found;
  }

  private static MatrixProduct openBlas() {
    Backends.keepOneBlas();
    try {
      return new OpenBlasProduct();
    } catch (LinkageError | RuntimeException e) {
      throw new IllegalStateException("OpenBLAS did not load: " + e, e);
    }
  }

  private static MatrixProduct oneDnn(MatrixProduct others) {
    try {
      return new OneDnnProduct(others);
    } catch (LinkageError | RuntimeException e) {
      throw new IllegalStateException("oneDNN did not load: " + e, e);
    }
  }
}
