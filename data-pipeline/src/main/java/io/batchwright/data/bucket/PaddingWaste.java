package io.batchwright.data.bucket;

/** The share of a padded batch that is padding. */
public final class PaddingWaste {
  private PaddingWaste() {}

  /** {@code 1 - tokens / padded}, and 0 where there is nothing. */
  public static double share(long tokens, long padded) {
    return padded == 0 ? 0 : 1.0 - (double) tokens / padded;
  }
}
