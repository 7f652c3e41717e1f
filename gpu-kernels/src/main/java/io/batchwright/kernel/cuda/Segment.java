package io.batchwright.kernel.cuda;

import java.util.ArrayList;
import java.util.List;

/**
 * Launches with no other work between them, while they are handed over. Some of them may be begun
 * before the rest has come.
 */
final class Segment {
  private final List<Launch> launches = new ArrayList<>();
  private int begun;

  void add(Launch launch) {
    launches.add(launch);
  }

  int size() {
    return launches.size();
  }

  /** Whether there are launches that are not begun yet. */
  boolean waits() {
    return begun < launches.size();
  }

  /** Whether none is begun yet. */
  boolean isWhole() {
    return begun == 0;
  }

  /** The launches that were not begun yet; now they are. */
  List<Launch> begin() {
    List<Launch> rest = List.copyOf(launches.subList(begun, launches.size()));
    begun = launches.size();
    return rest;
  }
}
