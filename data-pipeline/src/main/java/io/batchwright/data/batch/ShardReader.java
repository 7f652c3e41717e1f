package io.batchwright.data.batch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;

/**
 * The steps of one epoch as one rank sees them, in order, from any step on.
 *
 * <p>A rank reads the lanes that its {@link Placement} names; a step's lanes are laid end to end.
 * Files on another file system are copied to {@code staging} when first needed and removed after
 * use; size and XXH3 of each file are checked once, when it is opened.
 */
public final class ShardReader implements Iterator<StepBatch>, AutoCloseable {
  private final ShardManifest manifest;
  private final List<LaneReader> lanes = new ArrayList<>();
  private long next;

  private ShardReader(ShardManifest manifest) {
    this.manifest = manifest;
  }

  /**
   * Opens the shards that {@code rank} of {@code world} reads.
   *
   * @param directory the folder that holds the epochs
   * @param staging a folder on local disk for copies of remote files; it is created when needed
   * @throws IllegalArgumentException if there are fewer lanes than ranks
   */
  public static ShardReader open(
      String directory, ShardManifest manifest, RankOf rank, Path staging, Configuration hadoop)
      throws IOException {
    ShardReader reader = new ShardReader(manifest);
    Placement placement = new Placement(manifest.lanes(), rank.world());
    for (int lane : placement.lanesOf(rank.rank())) {
      reader.lanes.add(new LaneReader(directory, manifest, lane, staging, hadoop));
    }
    return reader;
  }

  /** What was published with these shards. */
  public ShardManifest manifest() {
    return manifest;
  }

  /** The step that {@link #next()} will return. */
  public long nextStep() {
    return next;
  }

  /** Goes to {@code step}, forward or back, without reading what lies between. */
  public void seek(long step) {
    if (step < 0 || step > manifest.steps()) {
      throw new IllegalArgumentException(
          "step must be in [0, %d], got %d".formatted(manifest.steps(), step));
    }
    next = step;
  }

  @Override
  public boolean hasNext() {
    return next < manifest.steps();
  }

  @Override
  public StepBatch next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the epoch has " + manifest.steps() + " steps");
    }
    try {
      List<StepBatch> parts = new ArrayList<>(lanes.size());
      for (LaneReader lane : lanes) {
        parts.add(lane.read(next));
      }
      next++;
      return parts.size() == 1 ? parts.get(0) : Batches.concatenate(parts);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    for (LaneReader lane : lanes) {
      lane.close();
    }
  }

  /** One of {@code world} ranks. */
  public record RankOf(int rank, int world) {
    /** Checks the ranges. */
    public RankOf {
      if (rank < 0 || rank >= world) {
        throw new IllegalArgumentException(
            "rank must be in [0, %d), got %d".formatted(world, rank));
      }
    }
  }
}
