package io.batchwright.jobs.model;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.failure.FileReason;
import io.batchwright.jobs.run.LocalFolder;
import io.batchwright.train.export.Encoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A model folder in the layout of sentence-transformers or Hugging Face, on any file system. */
public final class ModelPath {
  /** The first is sentence-transformers', the second that of a bare encoder. */
  private static final List<String> MARKS = List.of("modules.json", "config.json");

  private final Path folder;
  private final FileSystem files;

  private ModelPath(Path folder, FileSystem files) {
    this.folder = folder;
    this.files = files;
  }

  /**
   * The model in {@code path}, or in its subfolder {@code model} where it is the folder of a run.
   *
   * @throws BatchwrightException with exit code 2 if there is none
   */
  public static ModelPath of(String path, Configuration hadoop) {
    if (path.isBlank()) {
      throw BatchwrightException.usage("A model is needed: give --model DIR.");
    }
    return find(path, hadoop)
        .orElseThrow(
            () ->
                BatchwrightException.usage(
                    exists(path, hadoop)
                        ? "%s is not a model folder: it has neither %s nor %s. A run leaves its model in its subfolder model."
                            .formatted(path, MARKS.get(0), MARKS.get(1))
                        : "There is no model folder " + path + "."));
  }

  /** The model that {@link #of} finds, or empty where there is none. */
  public static Optional<ModelPath> find(String path, Configuration hadoop) {
    Path folder = new Path(path);
    try {
      FileSystem files = folder.getFileSystem(hadoop);
      for (Path candidate : new Path[] {folder, new Path(folder, "model")}) {
        for (String mark : MARKS) {
          if (files.exists(new Path(candidate, mark))) {
            return Optional.of(new ModelPath(candidate, files));
          }
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look for a model in " + path, e);
    }
  }

  private static boolean exists(String path, Configuration hadoop) {
    Path folder = new Path(path);
    try {
      return folder.getFileSystem(hadoop).exists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look for a model in " + path, e);
    }
  }

  /** The folder. */
  public Path folder() {
    return folder;
  }

  /**
   * Opens the model.
   *
   * @throws BatchwrightException with exit code 3 if its files are damaged or of another kind
   */
  public Encoder open() {
    Encoder[] opened = new Encoder[1];
    try {
      LocalFolder.read(files, folder, local -> opened[0] = Encoder.open(local));
    } catch (IOException e) {
      throw BatchwrightException.data("The model cannot be used: " + FileReason.of(e), e);
    }
    return opened[0];
  }

  /** {@link #open()}, with the first {@code truncateDims} values of its vectors alone; 0: all. */
  public Encoder open(int truncateDims) {
    Encoder encoder = open();
    try {
      return encoder.truncated(truncateDims);
    } catch (BatchwrightException e) {
      encoder.close();
      throw e;
    }
  }

  FileSystem files() {
    return files;
  }
}
