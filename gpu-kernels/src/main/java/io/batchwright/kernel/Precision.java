package io.batchwright.kernel;

import java.util.Locale;

/**
 * In what precision a GPU takes the factors of F32 matrix products, those inside of attention too;
 * sums are always float32. The CPU takes them as they are.
 */
public enum Precision {
  /** As they are; our kernels add in a fixed order. */
  FLOAT32,
  /** Rounded to bf16 on their way to tensor cores: about three digits. */
  BF16;

  private static final String PROPERTY = "batchwright.cuda.products";

  /** What {@code -Dbatchwright.cuda.products=float32|bf16} asks for; float32 by default. */
  public static Precision configured() {
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
