package io.batchwright.train.checkpoint;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;

/**
 * The local disk as object stores are, under {@code stingy://}: a rename copies byte by byte and
 * can be cut after {@link #copied} bytes, and there is only {@link #room} for so many.
 */
public final class StingyFileSystem extends RawLocalFileSystem {
  public static final AtomicLong room = new AtomicLong(Long.MAX_VALUE);
  static final AtomicLong copied = new AtomicLong(Long.MAX_VALUE);
  static final AtomicInteger renames = new AtomicInteger();

  /** A configuration that knows the scheme. */
  public static Configuration configuration() {
    Configuration hadoop = new Configuration();
    hadoop.set("fs.stingy.impl", StingyFileSystem.class.getName());
    hadoop.setBoolean("fs.stingy.impl.disable.cache", true);
    return hadoop;
  }

  @Override
  public URI getUri() {
    return URI.create("stingy:///");
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
    FSDataOutputStream out =
        super.create(path, overwrite, bufferSize, replication, blockSize, progress);
    return new FSDataOutputStream(new Limited(out), null);
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    renames.incrementAndGet();
    long left = copied.get();
    try (FSDataInputStream in = open(from);
        OutputStream out = create(to, true)) {
      for (int next = in.read(); next >= 0; next = in.read()) {
        if (left-- == 0) {
          throw new InterruptedIOException("the copy was cut");
        }
        out.write(next);
      }
    }
    return delete(from, false);
  }

  /** Writes as much as there is room for, byte by byte at the end, and fails then. */
  private static final class Limited extends OutputStream {
    private final OutputStream out;

    Limited(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int next) throws IOException {
      write(new byte[] {(byte) next}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      long left = room.getAndAdd(-length);
      out.write(bytes, offset, (int) Math.max(0, Math.min(left, length)));
      if (left < length) {
        throw new IOException("No space left on device");
      }
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
