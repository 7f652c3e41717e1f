package io.batchwright.data.corpus;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionInputStream;
import org.apache.hadoop.io.compress.CompressionOutputStream;
import org.apache.hadoop.io.compress.Compressor;
import org.apache.hadoop.io.compress.Decompressor;

/**
 * Reads {@code .zst} files with the zstd-jni that Spark ships; Hadoop's own codec needs a native
 * Hadoop library. Public because Hadoop makes it by its name.
 */
public final class ZstandardLines implements CompressionCodec {
  @Override
  public CompressionInputStream createInputStream(InputStream in) throws IOException {
    return new Decompressing(new ZstdInputStream(in).setContinuous(false), in);
  }

  @Override
  public CompressionInputStream createInputStream(InputStream in, Decompressor decompressor)
      throws IOException {
    return createInputStream(in);
  }

  @Override
  public CompressionOutputStream createOutputStream(OutputStream out) throws IOException {
    return new Compressing(new ZstdOutputStream(out));
  }

  @Override
  public CompressionOutputStream createOutputStream(OutputStream out, Compressor compressor)
      throws IOException {
    return createOutputStream(out);
  }

  @Override
  public Class<? extends Compressor> getCompressorType() {
    return null;
  }

  @Override
  public Compressor createCompressor() {
    return null;
  }

  @Override
  public Class<? extends Decompressor> getDecompressorType() {
    return null;
  }

  @Override
  public Decompressor createDecompressor() {
    return null;
  }

  @Override
  public String getDefaultExtension() {
    return ".zst";
  }

  private static final class Decompressing extends CompressionInputStream {
    private final ZstdInputStream plain;

    Decompressing(ZstdInputStream plain, InputStream compressed) throws IOException {
      super(compressed);
      this.plain = plain;
    }

    @Override
    public int read() throws IOException {
      return plain.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return plain.read(bytes, offset, length);
    }

    @Override
    public void resetState() {
      throw new UnsupportedOperationException("a zstd stream is read once");
    }

    @Override
    public void close() throws IOException {
      plain.close();
    }
  }

  private static final class Compressing extends CompressionOutputStream {
    Compressing(ZstdOutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
    }

    @Override
    public void finish() throws IOException {
      out.flush();
    }

    @Override
    public void resetState() {
      throw new UnsupportedOperationException("a zstd stream is written once");
    }
  }
}
