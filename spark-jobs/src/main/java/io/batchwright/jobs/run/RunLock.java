package io.batchwright.jobs.run;

import io.batchwright.data.failure.BatchwrightException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Keeps a second driver out of an output folder.
 *
 * <p>On a local disk it is a lock of the operating system, which a killed process loses. Elsewhere
 * it is a file that its owner renews every {@value #RENEW_SECONDS} s and that counts as abandoned
 * after {@value #ABANDONED_SECONDS} s; on stores without exclusive creation that is a strong hint,
 * no guarantee.
 */
public final class RunLock implements AutoCloseable {
  static final String FILE = ".batchwright.lock";
  static final int RENEW_SECONDS = 10;
  static final int ABANDONED_SECONDS = 60;

  private final AutoCloseable release;

  private RunLock(AutoCloseable release) {
    this.release = release;
  }

  /**
   * Locks {@code folder}.
   *
   * @throws BatchwrightException with exit code 4 where another driver has it
   */
  static RunLock acquire(Path folder, Configuration hadoop) {
    try {
      FileSystem files = folder.getFileSystem(hadoop);
      if (!files.mkdirs(folder)) {
        throw new IOException("mkdirs failed to create " + folder);
      }
      Path file = new Path(files.makeQualified(folder), FILE);
      return new RunLock(
          "file".equals(file.toUri().getScheme())
              ? lockLocal(java.nio.file.Path.of(file.toUri().getPath()), folder)
              : lease(files, file, folder));
    } catch (IOException e) {
      throw FileFailure.of(e, "lock the output folder " + folder);
    }
  }

  /**
   * Whether a driver is writing to {@code folder}, as far as can be told. Not for a folder that
   * this process has locked: to look at a lock of the operating system lets go of one's own.
   */
  public static boolean held(Path folder, Configuration hadoop) throws IOException {
    FileSystem files = folder.getFileSystem(hadoop);
    Path file = new Path(files.makeQualified(folder), FILE);
    if (!files.exists(file)) {
      return false;
    }
    if (!"file".equals(file.toUri().getScheme())) {
      return idle(files, file) < TimeUnit.SECONDS.toMillis(ABANDONED_SECONDS);
    }
    java.nio.file.Path local = java.nio.file.Path.of(file.toUri().getPath());
    try (FileChannel channel = FileChannel.open(local, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock == null;
    } catch (OverlappingFileLockException e) {
      return true;
    }
  }

  private static long idle(FileSystem files, Path file) throws IOException {
    return System.currentTimeMillis() - files.getFileStatus(file).getModificationTime();
  }

  private static AutoCloseable lockLocal(java.nio.file.Path file, Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      channel.close();
      throw taken(folder);
    }
    return channel;
  }

  private static AutoCloseable lease(FileSystem files, Path file, Path folder) throws IOException {
    if (files.exists(file)) {
      if (idle(files, file) < TimeUnit.SECONDS.toMillis(ABANDONED_SECONDS)) {
        throw taken(folder);
      }
      files.delete(file, false);
    }
    renew(files, file, false);
    ScheduledExecutorService renewing =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread thread = new Thread(work, "batchwright-lock");
              thread.setDaemon(true);
              return thread;
            });
    var unused =
        renewing.scheduleWithFixedDelay(
            () -> {
              try {
                renew(files, file, true);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            RENEW_SECONDS,
            RENEW_SECONDS,
            TimeUnit.SECONDS);
    return () -> {
      renewing.shutdownNow();
      files.delete(file, false);
    };
  }

  private static void renew(FileSystem files, Path file, boolean replace) throws IOException {
    try (OutputStream out = files.create(file, replace)) {
      out.write(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8));
    }
  }

  private static BatchwrightException taken(Path folder) {
    return BatchwrightException.resources(
        "Another Batchwright process is writing "
            + folder
            + ". Wait for it, or choose another --out.");
  }

  @Override
  public void close() {
    try {
      release.close();
    } catch (Exception e) {
      throw new IllegalStateException("cannot release the lock of the output folder", e);
    }
  }
}
