package io.batchwright.data.dedup.index;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.data.failure.BatchwrightException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What an index is and holds, replaced by every commit.
 *
 * @param format {@link #FORMAT}
 * @param version {@link #VERSION}
 * @param generation the number of the commit, from 1
 * @param token names the attempt that made the commit
 * @param nextNumber the first free number for a survivor
 * @param header the parameters
 * @param snapshots in the order of their names
 * @param replaced versions of them that late corrections replaced, oldest first
 */
record IndexHead(
    String format,
    int version,
    long generation,
    String token,
    long nextNumber,
    Map<String, String> header,
    List<SnapshotInfo> snapshots,
    List<ReplacedSnapshot> replaced) {
  static final String FORMAT = "batchwright-dedup-index";

  /** Version 1 kept no replaced versions, and is read. */
  static final int VERSION = 2;

  private static final ObjectMapper JSON = new ObjectMapper();

  IndexHead {
    snapshots = snapshots == null ? List.of() : List.copyOf(snapshots);
    replaced = replaced == null ? List.of() : List.copyOf(replaced);
    header = header == null ? Map.of() : Map.copyOf(header);
  }

  /** The head before the first commit. */
  static IndexHead empty(IndexHeader header) {
    return new IndexHead(FORMAT, VERSION, 0, "", 0, header.values(), List.of(), List.of());
  }

  static IndexHead read(String json, String folder) {
    IndexHead head;
    try {
      head = JSON.readValue(json, IndexHead.class);
    } catch (JsonProcessingException e) {
      throw BatchwrightException.data(
          "The head of the deduplication index in " + folder + " cannot be read.", e);
    }
    if (!FORMAT.equals(head.format) || head.version < 1 || head.version > VERSION) {
      throw BatchwrightException.data(
          "%s holds %s version %d; this release reads %s up to version %d."
              .formatted(folder, head.format, head.version, FORMAT, VERSION));
    }
    return head;
  }

  String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  IndexHeader parameters() {
    return new IndexHeader(new TreeMap<>(header));
  }

  Optional<SnapshotInfo> snapshot(String name) {
    return snapshots.stream().filter(snapshot -> snapshot.name().equals(name)).findFirst();
  }

  /**
   * The next head: other snapshots, made by the attempt {@code newToken}.
   *
   * @param numbers how many survivors are new
   */
  IndexHead next(
      String newToken, long numbers, List<SnapshotInfo> others, List<ReplacedSnapshot> aside) {
    List<SnapshotInfo> sorted = new ArrayList<>(others);
    sorted.sort(Comparator.comparing(SnapshotInfo::name));
    return new IndexHead(
        format, VERSION, generation + 1, newToken, nextNumber + numbers, header, sorted, aside);
  }
}
