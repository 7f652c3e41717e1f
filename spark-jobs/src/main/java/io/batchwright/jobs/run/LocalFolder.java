package io.batchwright.jobs.run;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Lets code that works on local folders work on any file system, by a copy where it is not local.
 */
public final class LocalFolder {
  private LocalFolder() {}

  /** Work on a local folder. */
  public interface Body {
    void on(java.nio.file.Path local) throws IOException;
  }

  /** Runs {@code body} on {@code target}, or on a temporary folder that is then copied there. */
  public static void write(FileSystem files, Path target, Body body) throws IOException {
    if (files instanceof LocalFileSystem local) {
      body.on(local.pathToFile(target).toPath());
      return;
    }
    java.nio.file.Path temporary = Files.createTempDirectory("batchwright-out-");
    try {
      java.nio.file.Path folder = temporary.resolve(target.getName());
      body.on(folder);
      files.delete(target, true);
      files.copyFromLocalFile(false, true, new Path(folder.toUri()), target);
    } finally {
      delete(temporary);
    }
  }

  /** Runs {@code body} on {@code source}, or on a temporary copy of it. */
  public static void read(FileSystem files, Path source, Body body) throws IOException {
    if (files instanceof LocalFileSystem local) {
      body.on(local.pathToFile(source).toPath());
      return;
    }
    java.nio.file.Path temporary = Files.createTempDirectory("batchwright-in-");
    try {
      java.nio.file.Path folder = temporary.resolve(source.getName());
      files.copyToLocalFile(source, new Path(folder.toUri()));
      body.on(folder);
    } finally {
      delete(temporary);
    }
  }

  private static void delete(java.nio.file.Path folder) throws IOException {
    List<java.nio.file.Path> paths;
    try (Stream<java.nio.file.Path> walk = Files.walk(folder)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (java.nio.file.Path path : paths) {
      Files.deleteIfExists(path);
    }
  }
}
