package io.batchwright.kernel.cuda;

import java.util.Locale;

/**
 * In what precision the factors of F32 matrix products are taken, those inside of attention too;
 * sums are always float32.
 */
enum Precision {
  /** As they are; our kernels add in a fixed order. */
  FLOAT32,
  /** Rounded to bf16 on their way to tensor cores: about three digits. */
  BF16;

  static final String PROPERTY = "batchwright.cuda.products";

  /** What {@code -Dbatchwright.cuda.products=float32|bf16} asks for; float32 by default. */
  static Precision configured() {
    String value = System.getProperty(PROPERTY, "float32");
    return switch (value) {
      case "float32" -> FLOAT32;
      case "bf16" -> BF16;
      default ->
          throw new IllegalArgumentException(
              PROPERTY + " must be one of float32, bf16, got '" + value + "'");
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
