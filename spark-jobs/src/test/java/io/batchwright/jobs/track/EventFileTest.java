package io.batchwright.jobs.track;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.batchwright.jobs.TestSession;
import io.batchwright.train.step.ValidationScores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {
  /**
   * Framed by a few lines of Python with a bitwise CRC-32C; the first 12 bytes are those of every
   * event file that TensorFlow writes.
   */
  private static final String GOLDEN =
      "1800000000000000a37f4b220900000040fc54d9411a0d627261696e2e4576656e743a32eced8f9d"
          + "2100000000000000017becf60900000040fc54d94110ac022a130a110a0a747261696e2f6c6f7373"
          + "150000003fdcc660a4"
          + "0f000000000000006d532b090900000040fc54d94110073a0208013c4f4b07";

  @TempDir Path folder;

  @AfterAll
  static void closeSession() {
    TestSession.open().stop();
  }

  @Test
  void bytesAreThoseOfTheFormat() throws IOException {
    try (EventFile file = EventFile.create(facts())) {
      file.scalars(1.7e9, 300, Map.of("loss", 0.5));
      file.restart(1.7e9, 7);
    }
    assertThat(HexFormat.of().formatHex(bytes())).isEqualTo(GOLDEN);
  }

  @Test
  void anIndependentReaderFindsEveryFigure() throws IOException {
    TrackedRun run = TensorBoard.DEFAULTS.open(facts()).orElseThrow();
    run.steps(
        List.of(
            new TrackedStep(0, TrainingSteps.step(1, 3.5)),
            new TrackedStep(1, TrainingSteps.step(1, 9)),
            new TrackedStep(
                0,
                TrainingSteps.step(2, Double.NaN)
                    .with(new ValidationScores(1.25, 0.5, 0.4, 0.75)))));
    run.steps(List.of(new TrackedStep(0, TrainingSteps.step(2, 3.25))));
    run.end(Optional.empty());

    List<String> events = read();
    assertThat(events)
        .containsExactly(
            "0 file_version brain.Event:2",
            "1 train/loss 3.5",
            "1 train/learning_rate 0.01",
            "1 train/grad_norm 2.0",
            "1 train/tokens_per_second 1000.0",
            "1 train/samples_per_second 64.0",
            "1 train/wait_seconds 0.2",
            "1 train/data_seconds 0.05",
            "2 train/learning_rate 0.01",
            "2 train/grad_norm 2.0",
            "2 train/tokens_per_second 1000.0",
            "2 train/samples_per_second 64.0",
            "2 train/wait_seconds 0.2",
            "2 train/data_seconds 0.05",
            "2 validation/loss 1.25",
            "2 validation/ndcg10 0.5",
            "2 validation/mrr10 0.4",
            "2 validation/recall10 0.75",
            "2 session start",
            "2 train/loss 3.25",
            "2 train/learning_rate 0.01",
            "2 train/grad_norm 2.0",
            "2 train/tokens_per_second 1000.0",
            "2 train/samples_per_second 64.0",
            "2 train/wait_seconds 0.2",
            "2 train/data_seconds 0.05");
  }

  @Test
  void aSessionWithoutAWebInterfaceHasNoTab() {
    assertThat(TrainingTab.DEFAULTS.open(facts())).isEmpty();
  }

  private TrainingFacts facts() {
    return TrainingSteps.facts(TestSession.open(), folder, "events");
  }

  /** TensorBoard takes every file whose name has tfevents in it, so there must be no other. */
  private byte[] bytes() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("tensorboard"))) {
      List<Path> all = files.toList();
      assertThat(all)
          .singleElement()
          .satisfies(
              file ->
                  assertThat(file.getFileName())
                      .hasToString("events.out.tfevents.1700000000.batchwright"));
      return Files.readAllBytes(all.get(0));
    }
  }

  private List<String> read() throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes()).order(ByteOrder.LITTLE_ENDIAN);
    List<String> events = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.get(length);
      assertThat(in.getInt()).isEqualTo(masked(length));
      byte[] data = new byte[ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getInt()];
      in.get(data);
      assertThat(in.getInt()).isEqualTo(masked(data));
      event(CodedInputStream.newInstance(data), events);
    }
    return events;
  }

  private static void event(CodedInputStream in, List<String> events) throws IOException {
    long step = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> assertThat(in.readDouble()).isEqualTo(1.7e9);
        case 2 -> step = in.readInt64();
        case 3 -> events.add(step + " file_version " + in.readString());
        case 5 -> summary(in.readBytes().newCodedInput(), step, events);
        case 7 -> {
          CodedInputStream session = in.readBytes().newCodedInput();
          assertThat(session.readTag()).isEqualTo(8);
          assertThat(session.readEnum()).isEqualTo(1);
          events.add(step + " session start");
        }
        default -> throw new IOException("unknown field of Event, tag " + tag);
      }
    }
  }

  private static void summary(CodedInputStream in, long step, List<String> events)
      throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      assertThat(tag).isEqualTo(10);
      CodedInputStream value = in.readBytes().newCodedInput();
      assertThat(value.readTag()).isEqualTo(10);
      String name = value.readString();
      assertThat(value.readTag()).isEqualTo(21);
      events.add(step + " " + name + " " + value.readFloat());
    }
  }

  /** Castagnoli's polynomial bit by bit, then TFRecord's mask. */
  private static int masked(byte[] bytes) {
    int crc = -1;
    for (byte b : bytes) {
      crc ^= b & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc >>> 1 ^ ((crc & 1) == 1 ? 0x82f63b78 : 0);
      }
    }
    crc = ~crc;
    return (crc >>> 15 | crc << 17) + 0xa282ead8;
  }
}
