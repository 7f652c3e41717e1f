package io.batchwright.jobs.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Small UTF-8 files of a run, on whatever file system it is. */
public final class TextFile {
  private TextFile() {}

  /** The text of a file. */
  public static String read(Path path, StageContext context) throws IOException {
    return read(path, context.spark().sessionState().newHadoopConf());
  }

  /** The text of a file, outside of a stage. */
  public static String read(Path path, Configuration hadoop) throws IOException {
    try (InputStream in = path.getFileSystem(hadoop).open(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Writes a file, in place of what stood there. */
  public static void write(Path path, String text, StageContext context) throws IOException {
    try (OutputStream out =
        path.getFileSystem(context.spark().sessionState().newHadoopConf()).create(path, true)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }
}
