package io.batchwright.data.batch;

import io.batchwright.data.failure.BatchwrightException;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SortedMap;
import java.util.TreeMap;
import net.openhft.hashing.LongHashFunction;
import org.apache.arrow.flatbuf.Block;
import org.apache.arrow.flatbuf.Footer;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.RecordBatch;

/** One shard file, mapped. Any of its steps is reached through the footer in constant time. */
final class ShardFileReader {
  private static final int MAGIC_BYTES = 6;

  private final ShardFile file;
  private final ShardColumns held;
  private final ByteBuffer bytes;
  private final Footer footer;

  /**
   * Maps {@code path} and checks it against {@code file}.
   *
   * @throws BatchwrightException if size or checksum differ
   */
  ShardFileReader(Path path, ShardFile file, ShardColumns held) throws IOException {
    this.file = file;
    this.held = held;
    MappedByteBuffer mapped;
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      if (channel.size() != file.bytes()) {
        throw damaged("has %d bytes, its manifest says %d".formatted(channel.size(), file.bytes()));
      }
      mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
    }
    String actual = xxh3(mapped);
    if (!actual.equals(file.xxh3())) {
      throw damaged("has xxh3 %s, its manifest says %s".formatted(actual, file.xxh3()));
    }
    this.bytes = mapped.order(ByteOrder.LITTLE_ENDIAN);
    int footerBytes = bytes.getInt(bytes.capacity() - MAGIC_BYTES - Integer.BYTES);
    int footerAt = bytes.capacity() - MAGIC_BYTES - Integer.BYTES - footerBytes;
    this.footer = Footer.getRootAsFooter(bytes.slice(footerAt, footerBytes));
    if (footer.recordBatchesLength() != file.steps()) {
      throw damaged(
          "has %d steps, its manifest says %d"
              .formatted(footer.recordBatchesLength(), file.steps()));
    }
  }

  /** The XXH3 of {@code bytes} as the manifest writes it. */
  static String xxh3(ByteBuffer bytes) {
    try {
      return "%016x".formatted(LongHashFunction.xx3().hashBytes(bytes));
    } finally {
      // The library reads by address: a file that nobody else holds could be unmapped meanwhile.
      Reference.reachabilityFence(bytes);
    }
  }

  /** The step with number {@code step} of the epoch, which must be in this file. */
  StepBatch read(long step) {
    Block block = footer.recordBatches(Math.toIntExact(step - file.firstStep()));
    int at = Math.toIntExact(block.offset());
    int prefix = 2 * Integer.BYTES;
    Message message =
        Message.getRootAsMessage(bytes.slice(at + prefix, block.metaDataLength() - prefix));
    RecordBatch batch = (RecordBatch) message.header(new RecordBatch());
    Columns columns = new Columns(batch, at + block.metaDataLength());
    SortedMap<String, RoleBatch> texts = new TreeMap<>();
    for (int i = 0; i < held.roles().size(); i++) {
      texts.put(held.roles().get(i), role(columns, held.firstListOf(i)));
    }
    return new StepBatch(
        columns.data(3).getInt(0),
        columns.data(1).getLong(0),
        columns.ints(0),
        columns.longs(1),
        columns.longs(2),
        columns.floats(3),
        held.knownPositives()
            ? new KnownPositives(
                columns.ints(ShardLayout.SAMPLE_LISTS), columns.longs(ShardLayout.SAMPLE_LISTS + 1))
            : KnownPositives.ABSENT,
        texts);
  }

  private RoleBatch role(Columns columns, int list) {
    int optional = list + ShardLayout.LISTS_PER_ROLE;
    float[] none = {};
    return new RoleBatch(
        columns.ints(list),
        columns.ints(list + 1),
        columns.ints(list + 2),
        columns.longs(list + 3),
        held.scores() ? columns.floats(optional) : none,
        held.guide() ? columns.floats(optional + (held.scores() ? 1 : 0)) : none);
  }

  private BatchwrightException damaged(String how) {
    return BatchwrightException.data(
        "Shard file %s %s: it is damaged or from another run. Write the shards again."
            .formatted(file.name(), how));
  }

  /** The buffers of one record batch. */
  private final class Columns {
    private final RecordBatch batch;
    private final int body;

    Columns(RecordBatch batch, int body) {
      this.batch = batch;
      this.body = body;
    }

    ByteBuffer data(int buffer) {
      long offset = batch.buffers(buffer).offset();
      long length = batch.buffers(buffer).length();
      return bytes
          .slice(Math.toIntExact(body + offset), Math.toIntExact(length))
          .order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer values(int list) {
      return data(ShardLayout.firstBufferOfList(list) + 3);
    }

    int[] ints(int list) {
      ByteBuffer values = values(list);
      int[] copy = new int[values.remaining() / Integer.BYTES];
      values.asIntBuffer().get(copy);
      return copy;
    }

    long[] longs(int list) {
      ByteBuffer values = values(list);
      long[] copy = new long[values.remaining() / Long.BYTES];
      values.asLongBuffer().get(copy);
      return copy;
    }

    float[] floats(int list) {
      ByteBuffer values = values(list);
      float[] copy = new float[values.remaining() / Float.BYTES];
      values.asFloatBuffer().get(copy);
      return copy;
    }
  }
}
