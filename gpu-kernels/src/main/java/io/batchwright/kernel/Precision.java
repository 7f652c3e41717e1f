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
   * Factors of matrix products are rounded to bf16, about three digits, for instructions that
   * multiply it several times as fast: tensor cores of a GPU, AMX or AVX512_BF16 of Intel's. A GPU
   * rounds inside of attention, too, and encoders keep there what their layers compute in bf16
   * ({@link Backend#activations}); a CPU stores float32, and one without such instructions rounds
   * all the same and is slower for it. The backend {@code java} stores as a GPU does.
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
