package io.batchwright.jobs.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.failure.BatchwrightException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A JSON document that is written aside and then put in place.
 *
 * <p>Where the file system cannot replace by renaming, the old file is deleted first; a reader then
 * finds no file for a moment, never half of one.
 */
public final class JsonFile {
  static final ObjectMapper JSON = new ObjectMapper();

  private final Path path;
  private final Configuration hadoop;

  /** The document at {@code path}, which need not be there yet. */
  public JsonFile(Path path, Configuration hadoop) {
    this.path = path;
    this.hadoop = hadoop;
  }

  Path path() {
    return path;
  }

  /** The document, or empty where there is none. */
  public Optional<ObjectNode> read() throws IOException {
    FileSystem files = path.getFileSystem(hadoop);
    try (InputStream in = files.open(path)) {
      JsonNode node = JSON.readTree(in);
      if (node instanceof ObjectNode object) {
        return Optional.of(object);
      }
      throw BatchwrightException.data(path + " is not a JSON object; it was not written by us.");
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (JsonProcessingException e) {
      throw BatchwrightException.data(path + " is not readable JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** Puts {@code document} in the place of what is there. */
  public void write(JsonNode document) {
    Path aside = new Path(path.getParent(), "." + path.getName() + ".tmp");
    try {
      FileSystem files = path.getFileSystem(hadoop);
      files.mkdirs(path.getParent());
      byte[] bytes =
          (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n")
              .getBytes(StandardCharsets.UTF_8);
      try (OutputStream out = files.create(aside, true)) {
        out.write(bytes);
      }
      if (!files.rename(aside, path)) {
        files.delete(path, false);
        if (!files.rename(aside, path)) {
          throw new IOException("cannot rename " + aside + " to " + path);
        }
      }
    } catch (FSError e) {
      // Hadoop's local file system reports a full disk as an Error.
      throw FileFailure.of(new IOException(e), "write " + path);
    } catch (IOException e) {
      throw FileFailure.of(e, "write " + path);
    }
  }
}
