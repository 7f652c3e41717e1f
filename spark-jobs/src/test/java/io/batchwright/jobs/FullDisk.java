package io.batchwright.jobs;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.net.URI;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** A local disk, under {@code full:}, on which nothing can be written after a few bytes. */
public final class FullDisk extends FilterFileSystem {
  private static final AtomicLong LEFT = new AtomicLong();

  /** For Hadoop, by the class's name. */
  public FullDisk() {
    super(new Renamed());
  }

  /** Leaves room for {@code bytes}. */
  static void leave(long bytes) {
    LEFT.set(bytes);
  }

  @Override
  public void initialize(URI name, Configuration conf) throws IOException {
    super.initialize(name, conf);
    setConf(conf);
  }

  @Override
  public String getScheme() {
    return "full";
  }

  @Override
  public URI getUri() {
    return Renamed.ROOT;
  }

  /** The local files under another scheme. */
  private static final class Renamed extends RawLocalFileSystem {
    static final URI ROOT = URI.create("full:///");

    @Override
    public URI getUri() {
      return ROOT;
    }

    @Override
    public FSDataOutputStream create(
        Path file,
        FsPermission permission,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress)
        throws IOException {
      return limited(
          super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress));
    }

    @Override
    public FSDataOutputStream create(
        Path file,
        boolean overwrite,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress)
        throws IOException {
      return limited(super.create(file, overwrite, bufferSize, replication, blockSize, progress));
    }

    private static FSDataOutputStream limited(FSDataOutputStream out) throws IOException {
      return new FSDataOutputStream(new Limited(out), null);
    }
  }

  private static final class Limited extends java.io.FilterOutputStream {
    Limited(java.io.OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      take(1);
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      take(length);
      out.write(bytes, offset, length);
    }

    /** What RawLocalFileSystem throws; only its package can make one. */
    private static FSError error(IOException cause) {
      try {
        Constructor<FSError> constructor = FSError.class.getDeclaredConstructor(Throwable.class);
        constructor.setAccessible(true);
        return constructor.newInstance(cause);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    private static void take(long bytes) {
      if (LEFT.addAndGet(-bytes) < 0) {
        throw error(new IOException("No space left on device"));
      }
    }
  }
}
