package io.batchwright.jobs.mine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** UTF-8 files of lines in one folder, which is emptied first. */
final class LineFiles implements Closeable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final FileSystem files;
  private final Map<String, BufferedWriter> open = new LinkedHashMap<>();
  private final Map<String, Long> lines = new HashMap<>();

  LineFiles(Path folder, Configuration hadoop) throws IOException {
    this.folder = folder;
    this.files = folder.getFileSystem(hadoop);
    files.delete(folder, true);
    files.mkdirs(folder);
  }

  void line(String name, String line) throws IOException {
    BufferedWriter writer = open.get(name);
    if (writer == null) {
      writer =
          new BufferedWriter(
              new OutputStreamWriter(
                  files.create(new Path(folder, name), true), StandardCharsets.UTF_8));
      open.put(name, writer);
    }
    writer.write(line);
    writer.write('\n');
    lines.merge(name, 1L, Long::sum);
  }

  void json(String name, JsonNode node) throws IOException {
    line(name, JSON.writeValueAsString(node));
  }

  long lines(String name) {
    return lines.getOrDefault(name, 0L);
  }

  @Override
  public void close() throws IOException {
    for (BufferedWriter writer : open.values()) {
      writer.close();
    }
  }
}
