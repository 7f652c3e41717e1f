package io.batchwright.data.corpus;

import io.batchwright.data.failure.BatchwrightException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** Looks at the files of a path before Spark does, so that a mistake is named plainly. */
final class InputFiles {
  private InputFiles() {}

  /**
   * The files that {@code path}, a file, folder or glob, stands for.
   *
   * @throws BatchwrightException with exit code 2 if there are none, 3 if all are of no bytes
   */
  static List<Path> require(String path, SparkSession spark) {
    List<Path> files = new ArrayList<>();
    long bytes = 0;
    for (FileStatus file : list(path, spark)) {
      files.add(file.getPath());
      bytes += file.getLen();
    }
    if (files.isEmpty()) {
      throw BatchwrightException.usage("There is no file at " + path + ".");
    }
    if (bytes == 0) {
      throw BatchwrightException.data(path + " is empty: its files hold no bytes.");
    }
    return files;
  }

  private static List<FileStatus> list(String path, SparkSession spark) {
    Configuration hadoop = spark.sessionState().newHadoopConf();
    List<FileStatus> files = new ArrayList<>();
    try {
      Path root = new Path(path);
      FileSystem fileSystem = root.getFileSystem(hadoop);
      FileStatus[] matches = fileSystem.globStatus(root);
      for (FileStatus match : matches == null ? new FileStatus[0] : matches) {
        files.addAll(FileTree.visible(fileSystem, match));
      }
      return files;
    } catch (org.apache.hadoop.security.AccessControlException e) {
      throw BatchwrightException.resources(path + " may not be read: " + e.getMessage() + ".", e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + path, e);
    }
  }
}
