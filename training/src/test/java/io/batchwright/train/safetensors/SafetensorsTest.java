package io.batchwright.train.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
  @TempDir Path folder;

  @Test
  void tensorsReadBackBitForBit() throws IOException {
    Path file = folder.resolve("a.safetensors");
    float[] values = {1, -0f, Float.MIN_VALUE, 3.1415927f, -2.5e30f, 1e-20f};
    SafetensorsWriter.write(
        file,
        Map.of("format", "pt"),
        Map.of(
            "second", new SafetensorsWriter.Floats(new int[] {3, 2}, values),
            "first", new SafetensorsWriter.Floats(new int[] {1}, new float[] {7}),
            "empty", new SafetensorsWriter.Floats(new int[] {0, 4}, new float[0])));

    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.names()).containsExactlyInAnyOrder("first", "second", "empty");
      assertThat(read.metadata()).containsEntry("format", "pt");
      assertThat(read.type("second")).isEqualTo(SafetensorsType.F32);
      assertThat(read.shape("second")).containsExactly(3, 2);
      assertThat(read.readFloats("second")).containsExactly(values);
      assertThat(read.readRows("second")[2]).containsExactly(-2.5e30f, 1e-20f);
      assertThat(read.readFloats("empty")).isEmpty();
    }
  }

  @Test
  void theDataStartsAtAMultipleOfEight() throws IOException {
    for (String name : new String[] {"a", "ab", "abc", "abcd", "a much longer name"}) {
      Path file = folder.resolve("b.safetensors");
      SafetensorsWriter.write(
          file,
          Map.of(),
          Map.of(name, new SafetensorsWriter.Floats(new int[] {2}, new float[] {1, 2})));
      long length =
          ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).getLong();
      assertThat((8 + length) % 8).isZero();
      assertThat(Files.size(file)).isEqualTo(8 + length + 8);
    }
  }

  @Test
  void equalInputGivesEqualBytes() throws IOException {
    Map<String, SafetensorsWriter.Floats> tensors =
        Map.of("t", new SafetensorsWriter.Floats(new int[] {2}, new float[] {1, 2}));
    SafetensorsWriter.write(folder.resolve("1"), Map.of("b", "1", "a", "2"), tensors);
    SafetensorsWriter.write(folder.resolve("2"), Map.of("a", "2", "b", "1"), tensors);
    assertThat(folder.resolve("1")).hasSameBinaryContentAs(folder.resolve("2"));
  }

  @Test
  void halfPrecisionIsWidened() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    data.putShort((short) 0x3C00).putShort((short) 0xC000).putShort((short) 0x0001);
    data.putShort((short) 0x7C00);
    data.putShort((short) 0x3F80).putShort((short) 0xC020).putShort((short) 0).putShort((short) 0);
    Path file =
        write(
            "{\"half\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[0,8]},"
                + "\"brain\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[8,16]}}",
            data.array());
    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.readFloats("half"))
          .containsExactly(1f, -2f, 0x1p-24f, Float.POSITIVE_INFINITY);
      assertThat(read.readFloats("brain")).containsExactly(1f, -2.5f, 0f, 0f);
    }
  }

  @Test
  void tensorsOfAnyTypeGoThroughToAnotherFileBitForBit() throws IOException {
    byte[] data = new byte[24];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (37 * i - 100);
    }
    Path from =
        write(
            "{\"ids\":{\"dtype\":\"I64\",\"shape\":[1,2],\"data_offsets\":[0,16]},"
                + "\"brain\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[16,24]}}",
            data);
    Path to = folder.resolve("copy.safetensors");
    float[] brain;
    try (Safetensors read = Safetensors.open(from)) {
      brain = read.readFloats("brain");
      SafetensorsWriter.write(
          to,
          Map.of(),
          Map.of(
              "brain", read.stored("brain"),
              "ids", read.stored("ids"),
              "own", new SafetensorsWriter.Floats(new int[] {1}, new float[] {7})));
    }
    try (Safetensors copy = Safetensors.open(to)) {
      assertThat(copy.type("ids")).isEqualTo(SafetensorsType.I64);
      assertThat(copy.shape("ids")).containsExactly(1, 2);
      assertThat(copy.readFloats("brain")).containsExactly(brain);
      assertThat(copy.readFloats("own")).containsExactly(7);
    }
    byte[] whole = Files.readAllBytes(to);
    int start = whole.length - 28; // brain, ids, own: in the order of their names
    assertThat(Arrays.copyOfRange(whole, start, start + 8))
        .isEqualTo(Arrays.copyOfRange(data, 16, 24));
    assertThat(Arrays.copyOfRange(whole, start + 8, start + 24)).isEqualTo(Arrays.copyOf(data, 16));
  }

  @Test
  void everyHalfIsWidenedAsItsDefinitionSays() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      int exponent = (bits >> 10) & 0x1f;
      int fraction = bits & 0x3ff;
      double expected =
          exponent == 0
              ? Math.scalb((double) fraction, -24)
              : Math.scalb(1 + fraction / 1024.0, exponent - 15);
      if (exponent == 31) {
        expected = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
      }
      assertThat(Safetensors.half((short) bits))
          .isEqualTo(Float.valueOf((float) (bits >> 15 == 1 ? -expected : expected)));
    }
  }

  @Test
  void aTruncatedFileIsRefused() throws IOException {
    Path file = write(tensor("t", "F32", "[2]", "[0,8]"), new byte[5]);
    refused(file, ": tensor t: ends at byte 8 of the data, but the file has 5: truncated");
    refused(Files.write(folder.resolve("tiny"), new byte[3]), ": truncated: no header length");
    Path cut = Files.write(folder.resolve("cut"), new byte[] {100, 0, 0, 0, 0, 0, 0, 0, '{'});
    refused(cut, ": truncated: header of 100 bytes in a file of 9");
  }

  @Test
  void aWrongHeaderIsRefused() throws IOException {
    Path huge = Files.write(folder.resolve("huge"), new byte[] {0, 0, 0, 0, 0, 0, 0, 1, 0});
    refused(huge, ": header length 72057594037927936 is not in [2, 100000000]");
    refused(write("[1]", new byte[0]), ": header is not a JSON object");
    refused(write("{\"t\":", new byte[0]), ": header is not valid JSON");
    refused(write("{} {}", new byte[0]), ": header is not valid JSON");
    refused(write("{\"t\":{},\"t\":{}}", new byte[0]), ": header is not valid JSON");
    refused(
        write(tensor("t", "F31", "[2]", "[0,8]"), new byte[8]), ": tensor t: unknown dtype 'F31'");
    refused(
        write(tensor("t", "F32", "[3]", "[0,8]"), new byte[8]),
        ": tensor t: shape [3] of F32 takes 12 bytes, data_offsets give 8");
    refused(
        write(tensor("t", "F32", "[-2]", "[0,8]"), new byte[8]),
        ": tensor t: shape has an entry that is not a count: -2");
    refused(write(tensor("t", "F32", "[4611686018427387904]", "[0,8]"), new byte[8]), "overflows");
    refused(
        write(tensor("t", "F32", "[2]", "[8,0]"), new byte[8]),
        ": tensor t: data_offsets must be [begin, end], got [8, 0]");
  }

  @Test
  void overlappingAndUncoveredBytesAreRefused() throws IOException {
    String two =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[%d,%d]}}";
    refused(write(two.formatted(4, 12), new byte[12]), ": tensor b: overlaps its predecessor by 4");
    refused(write(two.formatted(12, 20), new byte[20]), ": tensor b: leaves a gap of 4 bytes");
    refused(write(two.formatted(8, 16), new byte[19]), ": 3 bytes after the last tensor");
  }

  private static String tensor(String name, String dtype, String shape, String offsets) {
    return "{\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}}"
        .formatted(name, dtype, shape, offsets);
  }

  private void refused(Path file, String reason) {
    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(reason);
  }

  private Path write(String json, byte[] data) throws IOException {
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header).put(data);
    return Files.write(folder.resolve("made.safetensors"), bytes.array());
  }
}
