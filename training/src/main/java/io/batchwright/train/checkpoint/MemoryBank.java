package io.batchwright.train.checkpoint;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The vectors that queries had in training steps, kept on the way so that nobody encodes them
 * again: {@code DIR/memory-bank}, a file a rank and checkpoint.
 *
 * <p>Files are written before their checkpoint is published. Whoever resumes drops those after the
 * resumed step, so that a run that was cut has the same bank.
 */
public final class MemoryBank {
  private static final int MAGIC = 0x42414e4b;

  private final Path folder;
  private final FileSystem files;
  private final List<Entry> unsaved = new ArrayList<>();

  /**
   * The bank of one run.
   *
   * @param directory the run's output folder, DIR
   */
  public MemoryBank(String directory, Configuration hadoop) throws IOException {
    this.folder = new Path(directory, "memory-bank");
    this.files = folder.getFileSystem(hadoop);
  }

  /**
   * A query's vector in one step.
   *
   * @param sample its number in the plan
   * @param step from 1
   * @param vector [D], before the step's update
   */
  public record Entry(long sample, long step, float[] vector) {}

  /**
   * Keeps the vectors of a step until the next {@link #write}.
   *
   * @param vectors [samples.length, D] one after the other
   */
  public void add(long step, long[] samples, float[] vectors) {
    int dims = samples.length == 0 ? 0 : vectors.length / samples.length;
    for (int i = 0; i < samples.length; i++) {
      unsaved.add(
          new Entry(samples[i], step, Arrays.copyOfRange(vectors, i * dims, (i + 1) * dims)));
    }
  }

  /** Writes what was added since the last call, up to {@code step}. */
  public void write(long step, int rank) throws IOException {
    if (unsaved.isEmpty()) {
      return;
    }
    Path file = new Path(folder, "segment-%08d-%05d.bin".formatted(step, rank));
    int dims = unsaved.get(0).vector().length;
    ByteBuffer bytes = ByteBuffer.allocate(entryBytes(dims));
    try (DataOutputStream out = new DataOutputStream(files.create(file, true))) {
      out.writeInt(MAGIC);
      out.writeInt(unsaved.size());
      out.writeInt(dims);
      for (Entry entry : unsaved) {
        bytes.clear();
        bytes.putLong(entry.sample()).putLong(entry.step()).asFloatBuffer().put(entry.vector());
        out.write(bytes.array());
      }
    }
    unsaved.clear();
  }

  /** Drops what was written after {@code step}. */
  public void dropAfter(long step) throws IOException {
    for (Path segment : segments()) {
      if (lastStep(segment) > step) {
        files.delete(segment, false);
      }
    }
  }

  /** Drops the files that end at {@code step} or before. */
  public void dropUntil(long step) throws IOException {
    for (Path segment : segments()) {
      if (lastStep(segment) <= step) {
        files.delete(segment, false);
      }
    }
  }

  /** The files that were written, in the order of their steps. */
  public List<Path> segments() throws IOException {
    try {
      return Arrays.stream(files.listStatus(folder))
          .map(FileStatus::getPath)
          .filter(path -> path.getName().startsWith("segment-"))
          .sorted(Comparator.comparing(Path::getName))
          .toList();
    } catch (FileNotFoundException none) {
      return List.of();
    }
  }

  /**
   * Reads one file.
   *
   * @param segment one of {@link #segments}, of any bank
   */
  public static List<Entry> read(Path segment, Configuration hadoop) throws IOException {
    try (DataInputStream in = open(segment, hadoop)) {
      List<Entry> entries = new ArrayList<>();
      int count = in.readInt();
      int dims = in.readInt();
      ByteBuffer bytes = ByteBuffer.allocate(entryBytes(dims));
      for (int i = 0; i < count; i++) {
        readWhole(in, bytes, segment, count);
        bytes.clear();
        long sample = bytes.getLong();
        long step = bytes.getLong();
        float[] vector = new float[dims];
        bytes.asFloatBuffer().get(vector);
        entries.add(new Entry(sample, step, vector));
      }
      return entries;
    }
  }

  private static void readWhole(DataInputStream in, ByteBuffer entry, Path segment, int count)
      throws IOException {
    try {
      in.readFully(entry.array());
    } catch (EOFException cut) {
      int dims = (entry.capacity() - 2 * Long.BYTES) / Float.BYTES;
      throw new IOException(
          "%s ends before its %,d vectors of %d".formatted(segment, count, dims), cut);
    }
  }

  /** The length of the vectors in a file. */
  public static int dims(Path segment, Configuration hadoop) throws IOException {
    try (DataInputStream in = open(segment, hadoop)) {
      in.readInt(); // how many
      return in.readInt();
    }
  }

  /** A file, behind its magic number. */
  private static DataInputStream open(Path segment, Configuration hadoop) throws IOException {
    DataInputStream in = new DataInputStream(segment.getFileSystem(hadoop).open(segment));
    if (in.readInt() != MAGIC) {
      in.close();
      throw new IOException(segment + " is no part of a memory bank");
    }
    return in;
  }

  private static int entryBytes(int dims) {
    return 2 * Long.BYTES + Math.multiplyExact(dims, Float.BYTES);
  }

  private static long lastStep(Path segment) {
    return Long.parseLong(segment.getName().split("-")[1]);
  }
}
