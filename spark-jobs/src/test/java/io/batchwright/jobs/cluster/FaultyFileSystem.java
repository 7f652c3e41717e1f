package io.batchwright.jobs.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.apache.spark.TaskContext;

/**
 * The local disk under {@code faulty://}. In a process where a {@link Fault} is armed, it strikes
 * in the middle of a file of a checkpoint; once the disk is full, each write fails as the operating
 * system's would, until a task of a later attempt comes by.
 */
public final class FaultyFileSystem extends RawLocalFileSystem {
  private static volatile Fault armed;
  private static volatile boolean full;

  /** {@code fault} will strike this process when it writes its part of a checkpoint. */
  static void arm(Fault fault) {
    armed = fault;
  }

  /** There is room again, and nothing more will strike this process. */
  static void recover() {
    full = false;
    armed = null;
  }

  static void fillUp() {
    full = true;
  }

  @Override
  public URI getUri() {
    return URI.create("faulty:///");
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    TaskContext task = TaskContext.get();
    if (task != null && task.stageAttemptNumber() > 0) {
      recover();
    }
    FSDataOutputStream out =
        super.create(path, overwrite, bufferSize, replication, blockSize, progress);
    return new FSDataOutputStream(new Faulty(out, path.getName().startsWith("parameters")), null);
  }

  private static final class Faulty extends OutputStream {
    private final OutputStream out;
    private final boolean ofCheckpoint;

    Faulty(OutputStream out, boolean ofCheckpoint) {
      this.out = out;
      this.ofCheckpoint = ofCheckpoint;
    }

    @Override
    public void write(int next) throws IOException {
      write(new byte[] {(byte) next}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      Fault fault = armed;
      int half = length / 2;
      requireRoom();
      out.write(bytes, offset, half);
      if (ofCheckpoint && fault != null) {
        out.flush();
        fault.strike();
      }
      requireRoom();
      out.write(bytes, offset + half, length - half);
    }

    private static void requireRoom() throws IOException {
      if (full) {
        throw new IOException("No space left on device");
      }
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
