package io.batchwright.jobs.track;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * An event file as TensorBoard reads it: records of TensorFlow's TFRecord format, each a protocol
 * buffer {@code Event}.
 *
 * <pre>
 * record = length (8 bytes, little-endian), masked crc32c of these 8 bytes (4), data, masked crc32c of the data (4)
 * masked = (crc rotated right by 15) + 0xa282ead8
 * Event  = wall_time 1: double, step 2: int64, file_version 3: string | summary 5 | session_log 7
 * Summary = value 1, repeated: tag 1: string, simple_value 2: float.   SessionLog = status 1: START is 1
 * </pre>
 *
 * <p>Sources: TensorFlow's {@code lib/io/record_writer.h}, {@code core/util/event.proto} and {@code
 * core/framework/summary.proto}.
 */
final class EventFile implements Closeable {
  private static final int MASK_DELTA = 0xa282ead8;
  private static final String VERSION = "brain.Event:2";
  private static final int START = 1;

  private final FSDataOutputStream out;

  private EventFile(FSDataOutputStream out) {
    this.out = out;
  }

  /** A new file for this launch of the training. */
  static EventFile create(TrainingFacts facts) throws IOException {
    Path folder = new Path(facts.directory(), "tensorboard");
    FileSystem files = folder.getFileSystem(facts.spark().sessionState().newHadoopConf());
    // Hadoop's own checksum files would look like event files to TensorBoard.
    FileSystem plain = files instanceof LocalFileSystem local ? local.getRaw() : files;
    // TensorBoard reads the files of a folder in the order of their names.
    Path file =
        new Path(folder, "events.out.tfevents.%010d.batchwright".formatted((long) facts.seconds()));
    EventFile events = new EventFile(plain.create(file, true));
    events.write(new ProtoBytes().fixed64(1, facts.seconds()).text(3, VERSION));
    events.flush();
    return events;
  }

  /** Figures of a step. */
  void scalars(double seconds, long step, Map<String, Double> figures) throws IOException {
    ProtoBytes summary = new ProtoBytes();
    figures.forEach(
        (name, value) ->
            summary.message(1, new ProtoBytes().text(1, tag(name)).fixed32(2, value.floatValue())));
    write(new ProtoBytes().fixed64(1, seconds).varint(2, step).message(5, summary));
  }

  /** TensorBoard draws {@code validation/loss} beside the others of {@code validation}. */
  private static String tag(String name) {
    return name.startsWith("validation_") ? name.replaceFirst("_", "/") : "train/" + name;
  }

  /** What follows starts again at {@code step}; what was said of it and of later steps is void. */
  void restart(double seconds, long step) throws IOException {
    write(
        new ProtoBytes()
            .fixed64(1, seconds)
            .varint(2, step)
            .message(7, new ProtoBytes().varint(1, START)));
  }

  private void write(ProtoBytes event) throws IOException {
    byte[] data = event.toBytes();
    ByteBuffer record =
        ByteBuffer.allocate(16 + data.length).order(ByteOrder.LITTLE_ENDIAN).putLong(data.length);
    record.putInt(masked(record.array(), 8)).put(data).putInt(masked(data, data.length));
    out.write(record.array());
  }

  private static int masked(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
  }

  void flush() throws IOException {
    out.hflush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
