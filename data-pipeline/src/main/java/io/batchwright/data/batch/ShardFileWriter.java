package io.batchwright.data.batch;

import com.google.flatbuffers.FlatBufferBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.vector.ipc.message.ArrowBlock;
import org.apache.arrow.vector.ipc.message.ArrowFooter;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Writes steps to one Arrow IPC file on local disk, every buffer at a multiple of 64 bytes.
 *
 * <p>The stock writer aligns to 8 bytes and adds validity bitmaps for columns without nulls; this
 * one does neither, and the stock reader reads it.
 */
final class ShardFileWriter implements AutoCloseable {
  private static final byte[] MAGIC = "ARROW1".getBytes(StandardCharsets.US_ASCII);
  private static final int CONTINUATION = -1;
  private static final int PREFIX_BYTES = 8;

  private final FileChannel file;
  private final ShardColumns columns;
  private final Schema schema;
  private final List<ArrowBlock> blocks = new ArrayList<>();
  private ByteBuffer body = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
  private final List<long[]> buffers = new ArrayList<>();
  private final List<Integer> nodes = new ArrayList<>();
  private long position;

  ShardFileWriter(Path path, ShardColumns columns) throws IOException {
    this.file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
    this.columns = columns;
    this.schema = ShardLayout.schema(columns);
    append(ByteBuffer.wrap(Arrays.copyOf(MAGIC, PREFIX_BYTES)));
    message(ByteBuffer.wrap(schema.serializeAsMessage()));
  }

  /** The bytes written so far, without the footer. */
  long bytes() {
    return position;
  }

  /** Appends one record batch. */
  void write(StepBatch step) throws IOException {
    body.clear();
    buffers.clear();
    nodes.clear();
    longs(step.step());
    ints(step.epoch());
    list(step.positions());
    list(step.samples());
    list(step.equalHash());
    list(step.weights());
    if (columns.knownPositives()) {
      list(step.knownPositives().offsets());
      list(step.knownPositives().textIds());
    }
    for (String name : columns.roles()) {
      RoleBatch role = step.role(name);
      list(role.tokens());
      list(role.cuSeqlens());
      list(role.positionIds());
      list(role.textIds());
      if (columns.scores()) {
        list(role.scores());
      }
      if (columns.guide()) {
        list(role.guide());
      }
    }
    align();
    long offset = position;
    int metadata = message(recordBatch());
    body.flip();
    int bodyBytes = body.remaining();
    append(body);
    blocks.add(new ArrowBlock(offset, metadata, bodyBytes));
  }

  @Override
  public void close() throws IOException {
    try (file) {
      FlatBufferBuilder builder = new FlatBufferBuilder();
      builder.finish(new ArrowFooter(schema, List.of(), blocks).writeTo(builder));
      ByteBuffer footer = builder.dataBuffer();
      int footerBytes = footer.remaining();
      append(littleEndian(PREFIX_BYTES).putInt(CONTINUATION).putInt(0).flip());
      append(footer);
      append(littleEndian(Integer.BYTES).putInt(footerBytes).flip());
      append(ByteBuffer.wrap(MAGIC));
      file.force(false);
    }
  }

  private void longs(long value) {
    node(1);
    noValidity();
    room(Long.BYTES).putLong(value);
    buffer(Long.BYTES);
  }

  private void ints(int value) {
    node(1);
    noValidity();
    room(Integer.BYTES).putInt(value);
    buffer(Integer.BYTES);
  }

  private void list(int[] values) {
    listHead(values.length);
    int bytes = values.length * Integer.BYTES;
    room(bytes).asIntBuffer().put(values);
    body.position(body.position() + bytes);
    buffer(bytes);
  }

  private void list(float[] values) {
    listHead(values.length);
    int bytes = values.length * Float.BYTES;
    room(bytes).asFloatBuffer().put(values);
    body.position(body.position() + bytes);
    buffer(bytes);
  }

  private void list(long[] values) {
    listHead(values.length);
    int bytes = values.length * Long.BYTES;
    room(bytes).asLongBuffer().put(values);
    body.position(body.position() + bytes);
    buffer(bytes);
  }

  private void listHead(int length) {
    node(1);
    noValidity();
    room(2 * Integer.BYTES).putInt(0).putInt(length);
    buffer(2 * Integer.BYTES);
    node(length);
    noValidity();
  }

  private void node(int length) {
    nodes.add(length);
  }

  private void noValidity() {
    align();
    buffers.add(new long[] {body.position(), 0});
  }

  private void buffer(int bytes) {
    buffers.add(new long[] {body.position() - bytes, bytes});
  }

  /** Makes room for {@code bytes} at the next aligned offset. */
  private ByteBuffer room(int bytes) {
    align();
    int needed = Math.addExact(body.position(), Math.addExact(bytes, ShardLayout.ALIGNMENT));
    if (needed > body.capacity()) {
      int capacity =
          (int) Math.min(Integer.MAX_VALUE - 64L, Math.max(needed, 2L * body.capacity()));
      ByteBuffer larger = ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
      body = larger.put(body.flip());
    }
    return body;
  }

  private void align() {
    while (body.position() % ShardLayout.ALIGNMENT != 0) {
      body.put((byte) 0);
    }
  }

  private ByteBuffer recordBatch() {
    FlatBufferBuilder builder = new FlatBufferBuilder(4096);
    RecordBatch.startNodesVector(builder, nodes.size());
    for (int i = nodes.size() - 1; i >= 0; i--) {
      FieldNode.createFieldNode(builder, nodes.get(i), 0);
    }
    int nodesVector = builder.endVector();
    RecordBatch.startBuffersVector(builder, buffers.size());
    for (int i = buffers.size() - 1; i >= 0; i--) {
      Buffer.createBuffer(builder, buffers.get(i)[0], buffers.get(i)[1]);
    }
    int buffersVector = builder.endVector();
    RecordBatch.startRecordBatch(builder);
    RecordBatch.addLength(builder, 1);
    RecordBatch.addNodes(builder, nodesVector);
    RecordBatch.addBuffers(builder, buffersVector);
    int batch = RecordBatch.endRecordBatch(builder);
    Message.startMessage(builder);
    Message.addVersion(builder, MetadataVersion.V5);
    Message.addHeaderType(builder, MessageHeader.RecordBatch);
    Message.addHeader(builder, batch);
    Message.addBodyLength(builder, body.position());
    Message.finishMessageBuffer(builder, Message.endMessage(builder));
    return builder.dataBuffer();
  }

  /**
   * Writes a message so that what follows it is aligned, and returns its length with the prefix.
   */
  private int message(ByteBuffer flatbuffer) throws IOException {
    long end = position + PREFIX_BYTES + flatbuffer.remaining();
    int padding = (int) (-end & (ShardLayout.ALIGNMENT - 1));
    int length = flatbuffer.remaining() + padding;
    append(littleEndian(PREFIX_BYTES).putInt(CONTINUATION).putInt(length).flip());
    append(flatbuffer);
    append(ByteBuffer.allocate(padding));
    return PREFIX_BYTES + length;
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void append(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      position += file.write(bytes);
    }
  }
}
