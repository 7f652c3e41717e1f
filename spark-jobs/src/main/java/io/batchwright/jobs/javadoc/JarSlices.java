package io.batchwright.jobs.javadoc;

import io.batchwright.data.failure.BatchwrightException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * Cuts the files of all jars into tasks of about equal bytes. A task's files stand together, so
 * that it opens one jar or two.
 */
final class JarSlices {
  private static final long SMALLEST_TASK_BYTES = 256 << 10;

  private JarSlices() {}

  /** The parts of each task, for {@code tasks} tasks or fewer. */
  static List<List<JarSlice>> cut(JavadocSource source, int tasks, Configuration hadoop) {
    List<JarSlice> files = new ArrayList<>();
    List<Long> bytes = new ArrayList<>();
    for (String jar : jars(source.jarsDir(), hadoop)) {
      try (SourceJar open = SourceJar.open(jar, hadoop)) {
        List<ZipEntry> entries = open.javaFiles(source.sampleOf(SourceJar.artifact(jar)));
        for (int i = 0; i < entries.size(); i++) {
          files.add(new JarSlice(jar, i, i + 1, null));
          bytes.add(Math.max(0, entries.get(i).getSize()));
        }
      } catch (IOException e) {
        files.add(new JarSlice(jar, 0, 0, String.valueOf(e.getMessage())));
        bytes.add(0L);
      }
    }
    long total = bytes.stream().mapToLong(Long::longValue).sum();
    return grouped(files, bytes, Math.max(SMALLEST_TASK_BYTES, total / Math.max(1, tasks) + 1));
  }

  private static List<List<JarSlice>> grouped(
      List<JarSlice> files, List<Long> bytes, long taskBytes) {
    List<List<JarSlice>> tasks = new ArrayList<>();
    List<JarSlice> task = new ArrayList<>();
    long filled = 0;
    for (int i = 0; i < files.size(); i++) {
      append(task, files.get(i));
      filled += bytes.get(i);
      if (filled >= taskBytes || i == files.size() - 1) {
        tasks.add(task);
        task = new ArrayList<>();
        filled = 0;
      }
    }
    return tasks;
  }

  private static void append(List<JarSlice> task, JarSlice file) {
    JarSlice last = task.isEmpty() ? null : task.get(task.size() - 1);
    if (last != null && last.jar().equals(file.jar()) && last.to() == file.from()) {
      task.set(task.size() - 1, new JarSlice(file.jar(), last.from(), file.to(), null));
    } else {
      task.add(file);
    }
  }

  private static TreeSet<String> jars(String folder, Configuration hadoop) {
    TreeSet<String> jars = new TreeSet<>();
    try {
      Path path = new Path(folder);
      for (FileStatus file : path.getFileSystem(hadoop).listStatus(path)) {
        String name = file.getPath().getName();
        if (file.isFile() && (name.endsWith(".jar") || name.endsWith(".zip"))) {
          jars.add(file.getPath().toString());
        }
      }
    } catch (FileNotFoundException e) {
      throw BatchwrightException.usage("JavadocSource.jarsDir: there is no folder " + folder + ".");
    } catch (IOException e) {
      throw BatchwrightException.resources(
          "The folder of source jars, %s, cannot be listed: %s.".formatted(folder, e.getMessage()),
          e);
    }
    if (jars.isEmpty()) {
      throw BatchwrightException.data(
          "The folder of source jars, %s, holds no .jar file.".formatted(folder));
    }
    return jars;
  }
}
