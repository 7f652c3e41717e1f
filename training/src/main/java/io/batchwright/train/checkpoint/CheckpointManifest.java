package io.batchwright.train.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.batchwright.data.failure.BatchwrightException;
import java.io.EOFException;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;

/**
 * What a checkpoint holds; written last.
 *
 * @param format always {@value #FORMAT}
 * @param version the layout's version, {@value #VERSION}
 * @param attempt the attempt that wrote it
 * @param position how far training was; schedule and random draws follow from it and the seed
 * @param provenance where the numbers come from
 * @param world number of ranks that wrote it; another number may go on from it
 * @param determinismKey what the bits depend on besides the configuration: provider and world
 * @param best the best validation so far
 * @param parameters the model's parameters, whose bytes follow each other in this order
 * @param optimizer the optimizer's state, whose bytes follow each other in this order
 * @param files where these bytes lie
 */
public record CheckpointManifest(
    String format,
    int version,
    Attempt attempt,
    Position position,
    Provenance provenance,
    int world,
    String determinismKey,
    BestValidation best,
    List<StoredTensor> parameters,
    List<StoredTensor> optimizer,
    List<StoredFile> files) {

  /** A manifest without a best validation is of a run that had none. */
  public CheckpointManifest {
    best = best == null ? BestValidation.NONE : best;
  }

  /** The value of {@code format}. */
  public static final String FORMAT = "batchwright-checkpoint";

  /** The layout this code writes and reads. */
  public static final int VERSION = 2;

  static final String NAME = "manifest.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** What a file holds bytes of. */
  public enum Content {
    PARAMETERS("parameters"),
    OPTIMIZER("optimizer");

    private final String file;

    Content(String file) {
      this.file = file;
    }

    /** How the names of such files start. */
    String file() {
      return file;
    }
  }

  /**
   * One file, written by one rank.
   *
   * @param name within the checkpoint's folder
   * @param content what it holds a stretch of
   * @param first where in the bytes of all tensors it starts
   * @param bytes its size
   * @param blockBytes the size of the blocks that {@code xxh3} covers; the last may be shorter
   * @param xxh3 the 64-bit XXH3 of each block, in hexadecimal
   */
  public record StoredFile(
      String name, Content content, long first, long bytes, int blockBytes, List<String> xxh3) {}

  /**
   * One tensor.
   *
   * @param name such as {@code embedding.weight}
   * @param dtype such as {@code F32}
   * @param dims its shape
   */
  public record StoredTensor(String name, String dtype, List<Integer> dims) {}

  /** The files of one content, in the order of their bytes. */
  List<StoredFile> files(Content content) {
    return files.stream()
        .filter(file -> file.content() == content)
        .sorted(Comparator.comparingLong(StoredFile::first))
        .toList();
  }

  byte[] toJson() throws IOException {
    return JSON.writeValueAsBytes(this);
  }

  /** The files as text, for the way from the rank that wrote them to the one that publishes. */
  public static String toJson(List<StoredFile> files) {
    try {
      return JSON.writeValueAsString(files);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a list of names and numbers is valid JSON", e);
    }
  }

  /** What {@link #toJson(List)} wrote. */
  public static List<StoredFile> filesFromJson(String json) {
    try {
      return List.of(JSON.readValue(json, StoredFile[].class));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a rank's list of files is not valid JSON: " + json, e);
    }
  }

  /**
   * Reads a manifest.
   *
   * @throws IOException if it is truncated
   * @throws BatchwrightException with exit code 3 if it is whole, but not of this format and
   *     version
   */
  static CheckpointManifest parse(byte[] json) throws IOException {
    JsonNode tree = JSON.readTree(json);
    if (!tree.isObject()) {
      throw new EOFException("it is empty");
    }
    String format = tree.path("format").asText();
    int version = tree.path("version").asInt();
    if (!FORMAT.equals(format) || version != VERSION) {
      throw BatchwrightException.data(
          "it holds '%s' version %d, and this build reads '%s' version %d"
              .formatted(format, version, FORMAT, VERSION));
    }
    return JSON.treeToValue(tree, CheckpointManifest.class);
  }
}
