package io.batchwright.train.rank;

import io.batchwright.data.batch.ShardManifest;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.train.collective.Collective;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Compares, before the first step, what the ranks see: numbers that do not fit each other would
 * train without an error.
 */
final class Agreement {
  private final Collective ranks;

  Agreement(Collective ranks) {
    this.ranks = ranks;
  }

  /**
   * Compares plan and configuration.
   *
   * @param epochs the shards as this rank has read them
   * @throws BatchwrightException on every rank, with exit code 3 if the plans differ and 2 if the
   *     configurations do
   */
  void require(List<ShardManifest> epochs, TrainSpec spec) {
    String plan = epochs.stream().map(Agreement::text).collect(Collectors.joining("\n"));
    differing(plan)
        .ifPresent(
            rank -> {
              throw BatchwrightException.data(
                  "Rank %d sees other shards in %s than rank 0: all ranks must read the same folder, and nobody may write it while they train."
                      .formatted(rank, spec.shards()));
            });
    differing(spec.provenance().toString())
        .ifPresent(
            rank -> {
              throw BatchwrightException.usage(
                  "Rank %d has another configuration than rank 0 (seed, recipe or program)."
                      .formatted(rank));
            });
  }

  /** The first rank whose text is not that of rank 0; the same answer on every rank. */
  Optional<Integer> differing(String text) {
    int[] counts = new int[ranks.world()];
    Arrays.fill(counts, 1);
    long[] all = ranks.allGather(new long[] {fingerprint(text)}, counts);
    for (int rank = 1; rank < all.length; rank++) {
      if (all[rank] != all[0]) {
        return Optional.of(rank);
      }
    }
    return Optional.empty();
  }

  /**
   * What to say where a rank computes by something else than rank 0; the same on every rank.
   *
   * @param provider of this rank's backend
   */
  Optional<String> otherProvider(String provider) {
    return differing(provider)
        .map(
            rank ->
                "rank %d computes by \"%s\", rank 0 by \"%s\": the same seed gives other weights where all ranks compute alike"
                    .formatted(rank, ofRank(rank, provider), ofRank(0, provider)));
  }

  /** What {@code text} is on one rank, told to every rank. */
  String ofRank(int rank, String text) {
    int[] counts = new int[ranks.world()];
    counts[rank] = ranks.allGather(text.length())[rank];
    int[] own = ranks.rank() == rank ? text.chars().toArray() : new int[0];
    int[] all = ranks.allGather(own, counts);
    return new String(all, 0, all.length);
  }

  private static String text(ShardManifest epoch) {
    return "%d %d %d %s %s %s %s %s"
        .formatted(
            epoch.epoch(),
            epoch.lanes(),
            epoch.steps(),
            epoch.roles(),
            Arrays.toString(epoch.samplesPerStep()),
            epoch.planFingerprint(),
            epoch.tokenizerSha256(),
            epoch.files());
  }

  private static long fingerprint(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return ByteBuffer.wrap(digest.digest(text.getBytes(StandardCharsets.UTF_8))).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
