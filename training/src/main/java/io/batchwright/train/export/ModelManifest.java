package io.batchwright.train.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import net.openhft.hashing.LongHashFunction;

/** {@code batchwright.json}: format, version, provenance, and each file's size and checksum. */
final class ModelManifest {
  static final String NAME = "batchwright.json";
  static final String FORMAT = "batchwright-model";
  static final int VERSION = 1;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ModelManifest() {}

  static void write(Path folder, SortedMap<String, String> provenance) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", FORMAT).put("version", VERSION);
    ObjectNode from = root.putObject("provenance");
    provenance.forEach(from::put);
    ArrayNode files = root.putArray("files");
    for (Path file : FolderFiles.list(folder)) {
      Path path = folder.resolve(file);
      files
          .addObject()
          .put("path", file.toString().replace('\\', '/'))
          .put("bytes", Files.size(path))
          .put("xxh3", checksum(path));
    }
    Files.writeString(folder.resolve(NAME), JSON.writeValueAsString(root) + "\n");
  }

  /**
   * Compares the files with the manifest; a folder without one, made by other tools, passes.
   *
   * @throws IOException if a file is missing or differs; the message names it
   */
  static void verify(Path folder) throws IOException {
    Path manifest = folder.resolve(NAME);
    if (!Files.exists(manifest)) {
      return;
    }
    JsonNode root = JSON.readTree(manifest.toFile());
    if (!root.path("format").asText().equals(FORMAT) || root.path("version").asInt() > VERSION) {
      throw new IOException(
          "%s: format %s version %s is not one this version reads"
              .formatted(manifest, root.path("format").asText(), root.path("version").asText()));
    }
    for (JsonNode entry : root.path("files")) {
      Path file = folder.resolve(entry.path("path").asText());
      if (!Files.exists(file)) {
        throw new IOException(file + ": missing, but " + NAME + " lists it");
      }
      if (Files.size(file) != entry.path("bytes").asLong()) {
        throw new IOException(
            "%s: %d bytes, but %s says %d"
                .formatted(file, Files.size(file), NAME, entry.path("bytes").asLong()));
      }
    }
  }

  private static String checksum(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() > Integer.MAX_VALUE - 8) {
        return "";
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
      return Long.toHexString(LongHashFunction.xx3().hashBytes(bytes.flip()));
    }
  }
}
