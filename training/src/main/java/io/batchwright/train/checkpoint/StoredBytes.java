package io.batchwright.train.checkpoint;

import io.batchwright.train.checkpoint.CheckpointManifest.Content;
import io.batchwright.train.checkpoint.CheckpointManifest.StoredFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The bytes of one content of a checkpoint, read from its files one after the other. */
final class StoredBytes implements AutoCloseable {
  private final FileSystem files;
  private final Path folder;
  private final Iterator<StoredFile> rest;
  private FSDataInputStream in;
  private long left;

  StoredBytes(FileSystem files, Path folder, CheckpointManifest manifest, Content content) {
    this.files = files;
    this.folder = folder;
    this.rest = manifest.files(content).iterator();
  }

  /** Fills the first {@code length} bytes of {@code buffer}. */
  void fill(byte[] buffer, int length) throws IOException {
    for (int from = 0; from < length; ) {
      while (left == 0) {
        open();
      }
      int count = (int) Math.min(left, length - from);
      in.readFully(buffer, from, count);
      from += count;
      left -= count;
    }
  }

  private void open() throws IOException {
    close();
    if (!rest.hasNext()) {
      throw new EOFException(folder + " holds fewer bytes than its manifest states");
    }
    StoredFile next = rest.next();
    in = files.open(new Path(folder, next.name()));
    left = next.bytes();
  }

  @Override
  public void close() throws IOException {
    if (in != null) {
      in.close();
    }
  }

  /**
   * Reads all files once.
   *
   * @throws IOException if a file is missing, has another size or other bytes than the manifest
   *     states, or if they leave a gap
   */
  static void verify(FileSystem files, Path folder, CheckpointManifest manifest)
      throws IOException {
    for (Content content : Content.values()) {
      long next = 0;
      for (StoredFile file : manifest.files(content)) {
        if (file.first() != next) {
          throw new EOFException("%s: bytes from %d on are missing".formatted(folder, next));
        }
        verify(files, new Path(folder, file.name()), file);
        next += file.bytes();
      }
    }
  }

  private static void verify(FileSystem files, Path path, StoredFile file) throws IOException {
    long size = files.getFileStatus(path).getLen();
    if (size != file.bytes() || file.blockBytes() != BlockHash.BLOCK_BYTES) {
      throw new EOFException(
          "%s has %d bytes, and its manifest states %d".formatted(path, size, file.bytes()));
    }
    BlockHash hash = new BlockHash();
    byte[] buffer = new byte[1 << 20];
    try (InputStream in = files.open(path)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        hash.update(buffer, count);
      }
    }
    if (!hash.finish().equals(file.xxh3())) {
      throw new IOException(path + " is damaged: its hash is not the one its manifest states");
    }
  }
}
