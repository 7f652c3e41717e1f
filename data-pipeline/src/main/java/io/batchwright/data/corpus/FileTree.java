package io.batchwright.data.corpus;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/** Lists the files of a folder and of the folders in it. */
public final class FileTree {
  private FileTree() {}

  /**
   * The files at and below {@code root}, in no order; hidden ones, too.
   *
   * <p>On a local disk {@link FileSystem#listFiles} asks for each file's permissions, by a process
   * of its own where Hadoop's native library is not loaded: some milliseconds a file, which a
   * folder of ten thousand makes half a minute. Elsewhere it is the call that stores answer at
   * once.
   */
  public static List<FileStatus> files(FileSystem fileSystem, FileStatus root) throws IOException {
    return fileSystem instanceof LocalFileSystem
        ? walk(fileSystem, root)
        : located(fileSystem, root.getPath());
  }

  /**
   * The same without hidden files, whose names begin with a dot or an underscore; a root that is a
   * file counts, whatever its name.
   */
  public static List<FileStatus> visible(FileSystem fileSystem, FileStatus root)
      throws IOException {
    return files(fileSystem, root).stream()
        .filter(file -> root.isFile() || !hidden(file.getPath().getName()))
        .toList();
  }

  private static boolean hidden(String name) {
    return name.startsWith(".") || name.startsWith("_");
  }

  private static List<FileStatus> walk(FileSystem fileSystem, FileStatus root) throws IOException {
    List<FileStatus> files = new ArrayList<>();
    Deque<FileStatus> open = new ArrayDeque<>(List.of(root));
    while (!open.isEmpty()) {
      FileStatus next = open.remove();
      if (next.isFile()) {
        files.add(next);
      } else {
        open.addAll(List.of(fileSystem.listStatus(next.getPath())));
      }
    }
    return files;
  }

  private static List<FileStatus> located(FileSystem fileSystem, Path root) throws IOException {
    List<FileStatus> files = new ArrayList<>();
    RemoteIterator<LocatedFileStatus> found = fileSystem.listFiles(root, true);
    while (found.hasNext()) {
      files.add(found.next());
    }
    return files;
  }
}
