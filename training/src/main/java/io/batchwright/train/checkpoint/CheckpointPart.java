package io.batchwright.train.checkpoint;

import io.batchwright.tensor.Tensor;
import io.batchwright.train.checkpoint.CheckpointManifest.StoredFile;
import io.batchwright.train.checkpoint.CheckpointManifest.StoredTensor;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * One rank's part of a checkpoint: an even share of the bytes of all parameters, and one of the
 * optimizer's state.
 *
 * <p>{@link #copy} takes a copy on the Java heap, so that training can go on while {@link
 * Checkpoints#write} writes it; its memory, (parameters + optimizer's state) / ranks, is kept for
 * the next copy. Ranks hold the same numbers, so it does not matter which of them stores what.
 */
public final class CheckpointPart {
  private final int rank;
  private final int world;
  private final List<Range> ranges = new ArrayList<>();
  private List<StoredTensor> parameters = List.of();
  private List<StoredTensor> optimizer = List.of();

  /**
   * The part of {@code rank} among {@code world} ranks, empty until {@link #copy}.
   *
   * @param rank from 0
   */
  public CheckpointPart(int rank, int world) {
    this.rank = rank;
    this.world = world;
    for (CheckpointManifest.Content content : CheckpointManifest.Content.values()) {
      ranges.add(new Range(content));
    }
  }

  /** Copies this rank's bytes to the host; what was copied before is forgotten. */
  public void copy(Map<String, Tensor> ofParameters, Map<String, Tensor> ofOptimizer)
      throws IOException {
    parameters = ranges.get(0).copy(new TensorSequence(ofParameters));
    optimizer = ranges.get(1).copy(new TensorSequence(ofOptimizer));
  }

  /** All parameters of the last copy, not just those in this part. */
  public List<StoredTensor> parameters() {
    return parameters;
  }

  /** All tensors of the optimizer's state at the last copy, not just those in this part. */
  public List<StoredTensor> optimizer() {
    return optimizer;
  }

  /**
   * Writes the copy. The files' names hold the attempt: one that wakes up late spoils nothing that
   * a later attempt wrote.
   */
  List<StoredFile> write(FileSystem files, Path folder, Attempt attempt) throws IOException {
    List<StoredFile> stored = new ArrayList<>();
    for (Range range : ranges) {
      String name = "%s-%05d-of-%05d.%s.bin".formatted(range.content.file(), rank, world, attempt);
      stored.add(range.write(files, new Path(folder, name)));
    }
    return stored;
  }

  /** A stretch of one kind of content, in blocks. */
  private final class Range {
    private final CheckpointManifest.Content content;
    private final List<byte[]> blocks = new ArrayList<>();
    private long first;
    private long bytes;

    Range(CheckpointManifest.Content content) {
      this.content = content;
    }

    List<StoredTensor> copy(TensorSequence tensors) throws IOException {
      first = tensors.start(rank, world);
      bytes = 0;
      long end = tensors.start(rank + 1, world);
      if (blocks.stream().mapToLong(block -> block.length).sum() != end - first) {
        blocks.clear();
      }
      tensors.read(first, end, (buffer, length) -> append(buffer, length, end - first));
      return tensors.described();
    }

    private void append(byte[] buffer, int length, long total) {
      for (int from = 0; from < length; ) {
        int block = (int) (bytes / BlockHash.BLOCK_BYTES);
        int offset = (int) (bytes % BlockHash.BLOCK_BYTES);
        if (block == blocks.size()) {
          blocks.add(new byte[(int) Math.min(BlockHash.BLOCK_BYTES, total - bytes)]);
        }
        int count = Math.min(length - from, BlockHash.BLOCK_BYTES - offset);
        System.arraycopy(buffer, from, blocks.get(block), offset, count);
        from += count;
        bytes += count;
      }
    }

    StoredFile write(FileSystem files, Path path) throws IOException {
      BlockHash hash = new BlockHash();
      try (OutputStream out = files.create(path, true)) {
        long left = bytes;
        for (byte[] block : blocks) {
          int count = (int) Math.min(left, block.length);
          out.write(block, 0, count);
          hash.update(block, count);
          left -= count;
        }
      }
      return new StoredFile(
          path.getName(), content, first, bytes, BlockHash.BLOCK_BYTES, hash.finish());
    }
  }
}
