package io.batchwright.tensor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the tensors of an arena lie in each pass between two resets. A place belongs to the k-th
 * tensor of a label; it grows, elsewhere, when that tensor does, and never shrinks.
 */
final class Places {
  private final Map<String, Row> rows = new LinkedHashMap<>();
  private long room;
  private long mostWanted;

  /**
   * Room for a tensor.
   *
   * @param offset into the slab, in bytes
   * @param room in bytes
   */
  record Place(Storage slab, long offset, long room) {}

  /** The places of a label, in the order in which its tensors are made. */
  private static final class Row {
    final List<Place> places = new ArrayList<>();
    int next;
    int used; // of the first places, since they were last laid out
  }

  /** The place of the label's next tensor, if it is known and large enough. */
  Optional<Place> next(String label, long bytes) {
    Row row = rows.computeIfAbsent(label, any -> new Row());
    if (row.next == row.places.size() || row.places.get(row.next).room() < bytes) {
      return Optional.empty();
    }
    row.used = Math.max(row.used, row.next + 1);
    return Optional.of(row.places.get(row.next++));
  }

  /** Bytes for the label's next tensor: an eighth more where it has outgrown its place. */
  long roomFor(String label, long bytes) {
    Row row = rows.get(label);
    return row.next == row.places.size()
        ? bytes
        : (bytes + bytes / 8) / Arena.ALIGNMENT * Arena.ALIGNMENT;
  }

  /** The place of the label's next tensor from now on. */
  void put(String label, Place place) {
    Row row = rows.get(label);
    if (row.next == row.places.size()) {
      row.places.add(place);
    } else {
      room -= row.places.set(row.next, place).room();
    }
    room += place.room();
    row.used = Math.max(row.used, ++row.next);
  }

  /** Bytes of all places. */
  long room() {
    return room;
  }

  /**
   * Begins the next pass.
   *
   * @param wanted bytes of all tensors of the one that ends
   */
  void restart(long wanted) {
    mostWanted = Math.max(mostWanted, wanted);
    rows.values().forEach(row -> row.next = 0);
    // Two kinds of passes, as training and validation, have fewer places than this. If labels never
    // come again, places are of no use.
    if (room > 4 * mostWanted) {
      rows.clear();
      room = 0;
    }
  }

  /** Forgets places that no tensor took since places were last laid out. */
  void forgetUnused() {
    room = 0;
    for (Row row : rows.values()) {
      row.places.subList(row.used, row.places.size()).clear();
      row.used = 0;
      room += row.places.stream().mapToLong(Place::room).sum();
    }
  }

  /** Puts one place behind the other into a slab. */
  void layOut(Storage slab) {
    long at = 0;
    for (Row row : rows.values()) {
      for (int i = 0; i < row.places.size(); i++) {
        long bytes = row.places.get(i).room();
        row.places.set(i, new Place(slab, at, bytes));
        at += bytes;
      }
    }
  }
}
