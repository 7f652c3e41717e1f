package io.batchwright.kernel;

import java.util.Locale;

/**
 * In what precision F32 models are computed. Parameters, their gradients, the optimizer's state,
 * softmax, statistics, sums and losses are float32 in each.
 */
public enum Precision {
  /** Float32 throughout; our kernels add in a fixed order. */
  FLOAT32,
  /**
   * Factors of matrix products are rounded to bf16 on their way to tensor cores, about three
   * digits, and encoders keep what their layers compute in bf16 ({@link Backend#activations}).
   * Meant for GPUs; the CPU rounds the same but inside of attention, and takes its time.
   */
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
