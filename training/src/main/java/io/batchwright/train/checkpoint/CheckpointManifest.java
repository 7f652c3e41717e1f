package io.batchwright.train.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What a checkpoint holds; written last.
 *
 * @param format always {@value #FORMAT}
 * @param version the layout's version, {@value #VERSION}
 * @param attempt the attempt that wrote it
 * @param position how far training was
 * @param provenance where the numbers come from
 * @param world number of ranks that wrote it; another number may go on from it
 * @param determinismKey what the bits depend on besides the configuration: provider and world
 * @param weightsSha256 see {@link WeightsHash}
 * @param files the tensors by file
 */
public record CheckpointManifest(
    String format,
    int version,
    Attempt attempt,
    Position position,
    Provenance provenance,
    int world,
    String determinismKey,
    String weightsSha256,
    List<StoredFile> files) {

  /** The value of {@code format}. */
  public static final String FORMAT = "batchwright-checkpoint";

  /** The layout this code writes and reads. */
  public static final int VERSION = 1;

  static final String NAME = "manifest.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /**
   * One file.
   *
   * @param name within the checkpoint's folder
   * @param bytes its size
   * @param blockBytes the size of the blocks that {@code xxh3} covers; the last may be shorter
   * @param xxh3 the 64-bit XXH3 of each block, in hexadecimal
   * @param tensors what it holds, in this order and without gaps
   */
  public record StoredFile(
      String name, long bytes, int blockBytes, List<String> xxh3, List<StoredTensor> tensors) {}

  /**
   * One tensor.
   *
   * @param name such as {@code embedding.weight}
   * @param dtype such as {@code F32}
   * @param dims its shape
   */
  public record StoredTensor(String name, String dtype, List<Integer> dims) {}

  /** The file of that name. */
  public Optional<StoredFile> file(String name) {
    return files.stream().filter(file -> file.name().equals(name)).findFirst();
  }

  byte[] toJson() throws IOException {
    return JSON.writeValueAsBytes(this);
  }

  /**
   * Reads a manifest.
   *
   * @throws IOException if it is truncated, no manifest, or of another version
   */
  static CheckpointManifest parse(byte[] json) throws IOException {
    CheckpointManifest manifest = JSON.readValue(json, CheckpointManifest.class);
    if (!FORMAT.equals(manifest.format()) || manifest.version() != VERSION) {
      throw new IOException(
          "it holds %s version %d, and this build reads %s version %d"
              .formatted(manifest.format(), manifest.version(), FORMAT, VERSION));
    }
    return manifest;
  }
}
