package io.batchwright.data.batch;

import io.batchwright.technique.Check;
import java.io.Serializable;

/**
 * Where each sample of the plan goes: a pure function of (step, position) for a given world.
 *
 * <p>A step of n samples is cut into {@code lanes} contiguous blocks of positions whose sizes
 * differ by at most one; rank r reads the lanes l with {@code l mod world == r}. The plan and the
 * shards do not depend on the world, so that a run can go on with another number of ranks, up to
 * {@code lanes}.
 *
 * @param lanes the number of shard lanes, at least {@code world}
 * @param world the number of ranks
 */
public record Placement(int lanes, int world) implements Serializable {
  /** Checks the ranges. */
  public Placement {
    Check.atLeast("Placement.world", world, 1);
    Check.that(
        lanes >= world,
        "Placement.lanes",
        "must be at least the world (%d ranks), got %d".formatted(world, lanes));
  }

  /** The first position of {@code lane} in a step of {@code samples}. */
  public static int firstPosition(int lane, int lanes, int samples) {
    return (int) ((long) lane * samples / lanes);
  }

  /** The lane of {@code position} in a step of {@code samples}. */
  public static int laneOf(int position, int lanes, int samples) {
    return (int) ((((long) position + 1) * lanes - 1) / samples);
  }

  /** The rank that gets {@code position} of a step of {@code samples}. */
  public int rankOf(int position, int samples) {
    return laneOf(position, lanes, samples) % world;
  }

  /** The place of {@code position} within the batch of its rank. */
  public int slotOf(int position, int samples) {
    int lane = laneOf(position, lanes, samples);
    int slot = position - firstPosition(lane, lanes, samples);
    for (int before = lane % world; before < lane; before += world) {
      slot += laneSize(before, samples);
    }
    return slot;
  }

  /** The number of samples that {@code rank} gets of a step of {@code samples}. */
  public int samplesOf(int rank, int samples) {
    int sum = 0;
    for (int lane = rank; lane < lanes; lane += world) {
      sum += laneSize(lane, samples);
    }
    return sum;
  }

  /** The lanes that {@code rank} reads, ascending. */
  public int[] lanesOf(int rank) {
    int[] own = new int[(lanes - rank + world - 1) / world];
    for (int i = 0; i < own.length; i++) {
      own[i] = rank + i * world;
    }
    return own;
  }

  private int laneSize(int lane, int samples) {
    return firstPosition(lane + 1, lanes, samples) - firstPosition(lane, lanes, samples);
  }
}
