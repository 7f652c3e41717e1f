package io.batchwright.jobs.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What makes a table visible: its files by name, size and checksum. Written last, in {@code
 * _manifest.json}.
 *
 * @param stage the stage that made the table
 * @param fingerprint that stage's fingerprint
 * @param rows rows in all files, counted from the committed files
 * @param schema Spark's JSON of the schema
 * @param files in the order of their names
 */
public record TableManifest(
    String stage, String fingerprint, long rows, String schema, List<TableFile> files) {
  static final String FORMAT = "batchwright-table";
  static final int VERSION = 1;

  /**
   * One committed file.
   *
   * @param name relative to the table's folder
   * @param bytes its size
   * @param xxh3 its checksum, see {@link FileChecksum}
   */
  public record TableFile(String name, long bytes, String xxh3) {}

  /** Bytes in all files. */
  public long bytes() {
    return files.stream().mapToLong(TableFile::bytes).sum();
  }

  ObjectNode toJson() {
    ObjectNode json = JsonFile.JSON.createObjectNode();
    json.put("format", FORMAT).put("version", VERSION);
    json.put("stage", stage).put("fingerprint", fingerprint).put("rows", rows);
    json.put("schema", schema);
    for (TableFile file : files) {
      json.withArray("/files")
          .addObject()
          .put("name", file.name())
          .put("bytes", file.bytes())
          .put("xxh3", file.xxh3());
    }
    return json;
  }

  static TableManifest of(JsonNode json) {
    List<TableFile> files = new ArrayList<>();
    json.path("files")
        .forEach(
            file ->
                files.add(
                    new TableFile(
                        file.path("name").asText(),
                        file.path("bytes").asLong(),
                        file.path("xxh3").asText())));
    return new TableManifest(
        json.path("stage").asText(),
        json.path("fingerprint").asText(),
        json.path("rows").asLong(),
        json.path("schema").asText(),
        files);
  }
}
