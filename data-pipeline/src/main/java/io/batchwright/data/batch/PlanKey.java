package io.batchwright.data.batch;

import io.batchwright.technique.Check;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What makes one epoch's plan differ from another's, besides recipe and data.
 *
 * @param seed the seed of the run
 * @param epoch the epoch, from 0
 */
public record PlanKey(long seed, int epoch) implements Serializable {
  /** Checks the ranges. */
  public PlanKey {
    Check.atLeast("PlanKey.epoch", epoch, 0);
  }

  /**
   * Names the plan: the same fingerprint means the same rows.
   *
   * @param dataFingerprint the fingerprint of the samples
   * @param recipes the records that shape the plan: bucketing, packing, policy
   */
  public String fingerprint(String dataFingerprint, Record... recipes) {
    String all =
        "plan %d|%d|%d|%s|%s"
            .formatted(BatchPolicy.VERSION, seed, epoch, dataFingerprint, Arrays.toString(recipes));
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(all.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
