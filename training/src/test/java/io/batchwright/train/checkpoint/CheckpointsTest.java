package io.batchwright.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.collective.HeapMemory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
  private static final Attempt FIRST = new Attempt(0, 0);

  @TempDir Path folder;

  private final Arena arena = HeapMemory.arena();
  private Checkpoints checkpoints;

  @BeforeEach
  void open() throws IOException {
    checkpoints = new Checkpoints(folder.toString(), new Configuration());
  }

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void whatIsReadIsWhatWasWrittenBitForBit() throws IOException {
    float[] values = new float[(5 << 20) / 4 + 7]; // more than a block
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(i * 7919);
    }
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    parameters.put("embedding.weight", arena.floats("w", values));
    parameters.put("bias", arena.floats("b", new float[] {1, -0f, Float.MIN_VALUE}, 3, 1));
    Map<String, Tensor> optimizer = Map.of("bias.last_step", arena.ints("s", new int[] {3, 4}));
    checkpoints.write(manifest(7, FIRST), parameters, optimizer);

    Map<String, Tensor> back = new LinkedHashMap<>();
    back.put("embedding.weight", arena.zeros("w", DType.F32, values.length));
    back.put("bias", arena.zeros("b", DType.F32, 3, 1));
    Map<String, Tensor> state = Map.of("bias.last_step", arena.zeros("s", DType.I32, 2));
    Checkpoints.Found found = checkpoints.newest().orElseThrow();
    checkpoints.restore(found, back, state);
    assertThat(WeightsHash.of(back)).isEqualTo(WeightsHash.of(parameters));
    assertThat(bits(back.get("embedding.weight").toFloats())).isEqualTo(bits(values));
    assertThat(state.get("bias.last_step").toInts()).containsExactly(3, 4);
    assertThat(found.manifest().position()).isEqualTo(new Position(7, 1, 2, 7));
    assertThat(found.manifest().provenance().configSha256()).isEqualTo("config");

    List<Weights> exported = checkpoints.parameters(found);
    assertThat(exported).extracting(Weights::name).containsExactly("embedding.weight", "bias");
    assertThat(bits(exported.get(0).values())).isEqualTo(bits(values));
    assertThat(exported.get(1).dims()).containsExactly(3, 1);
  }

  @Test
  void aCheckpointWithoutManifestDoesNotExist() throws IOException {
    write(10);
    write(20);
    Files.delete(file(20, "manifest.json"));
    assertThat(newestStep()).contains(10L);
  }

  @Test
  void aTruncatedManifestIsPassedOver() throws IOException {
    write(10);
    write(20);
    byte[] json = Files.readAllBytes(file(20, "manifest.json"));
    overwrite(20, "manifest.json", Arrays.copyOf(json, json.length / 2));
    assertThat(newestStep()).contains(10L);
  }

  @Test
  void aTruncatedOrMissingFileIsPassedOver() throws IOException {
    write(10);
    write(20);
    byte[] bytes = Files.readAllBytes(file(20, "parameters.bin"));
    overwrite(20, "parameters.bin", Arrays.copyOf(bytes, bytes.length - 1));
    assertThat(newestStep()).contains(10L);
    Files.delete(file(20, "parameters.bin"));
    assertThat(newestStep()).contains(10L);
  }

  @Test
  void oneFlippedBitIsPassedOver() throws IOException {
    write(10);
    write(20);
    byte[] bytes = Files.readAllBytes(file(20, "optimizer.bin"));
    bytes[5] ^= 1;
    overwrite(20, "optimizer.bin", bytes);
    assertThat(newestStep()).contains(10L);
  }

  @Test
  void anotherVersionIsPassedOver() throws IOException {
    write(10);
    String json = Files.readString(file(10, "manifest.json"));
    overwrite(
        10,
        "manifest.json",
        json.replaceAll("\"version\" : 1", "\"version\" : 99").getBytes(StandardCharsets.UTF_8));
    assertThat(newestStep()).isEmpty();
  }

  @Test
  void anEmptyFolderHasNoCheckpoint() throws IOException {
    assertThat(checkpoints.newest()).isEmpty();
    assertThat(checkpoints.nextLaunch()).isZero();
  }

  @Test
  void anOlderAttemptMustNotPublish() throws IOException {
    checkpoints.claim(FIRST);
    write(10);
    checkpoints.claim(new Attempt(0, 1));
    assertThatThrownBy(() -> write(20))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("attempt 0000-0000 must not publish")
        .hasMessageContaining("attempt 0000-0001 has started since");
    assertThat(newestStep()).contains(10L);
    checkpoints.claim(new Attempt(1, 0));
    assertThatThrownBy(() -> checkpoints.claim(new Attempt(0, 2)))
        .hasMessageContaining("attempt 0001-0000 has started since");
    assertThat(checkpoints.nextLaunch()).isEqualTo(2);
  }

  @Test
  void pruningKeepsTheNewestAndRemovesWhatWasNeverFinished() throws IOException {
    for (int step = 1; step <= 5; step++) {
      write(step);
    }
    Files.delete(file(3, "manifest.json"));
    checkpoints.prune(2);
    try (var left = Files.list(folder.resolve("checkpoints"))) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("step-00000004", "step-00000005");
    }
  }

  @Test
  void anotherModelIsRefusedByName() throws IOException {
    write(10);
    Checkpoints.Found found = checkpoints.newest().orElseThrow();
    Map<String, Tensor> wider = Map.of("weight", arena.zeros("w", DType.F32, 2, 9));
    assertThatThrownBy(() -> checkpoints.restore(found, wider, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dims=[2, 8]")
        .hasMessageContaining("dims=[2, 9]");
  }

  @Test
  void theHashOfWeightsDependsOnNamesShapesAndBytes() {
    Tensor six = arena.floats("x", new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    String hash = WeightsHash.of(Map.of("a", six));
    assertThat(hash).hasSize(64);
    assertThat(WeightsHash.of(Map.of("b", six))).isNotEqualTo(hash);
    assertThat(WeightsHash.of(Map.of("a", six.reshape(3, 2)))).isNotEqualTo(hash);
    assertThat(WeightsHash.of(Map.of("a", arena.floats("y", six.toFloats(), 2, 3))))
        .isEqualTo(hash);
  }

  private void write(long step) throws IOException {
    Map<String, Tensor> parameters = Map.of("weight", arena.zeros("w", DType.F32, 2, 8));
    Map<String, Tensor> optimizer = Map.of("weight.m", arena.zeros("m", DType.F32, 2, 8));
    checkpoints.write(manifest(step, FIRST), parameters, optimizer);
  }

  private static CheckpointManifest manifest(long step, Attempt attempt) {
    return new CheckpointManifest(
        CheckpointManifest.FORMAT,
        CheckpointManifest.VERSION,
        attempt,
        new Position(step, 1, 2, step),
        new Provenance("run", 1, "config", "data", "commit"),
        2,
        "java, 2 ranks",
        "weights",
        List.of());
  }

  private Optional<Long> newestStep() throws IOException {
    return checkpoints.newest().map(found -> found.manifest().position().step());
  }

  private Path file(long step, String name) {
    return folder.resolve("checkpoints/step-%08d/%s".formatted(step, name));
  }

  /** Also removes Hadoop's own checksum, which would find the damage before we do. */
  private void overwrite(long step, String name, byte[] bytes) throws IOException {
    Path file = file(step, name);
    Files.deleteIfExists(file.resolveSibling("." + name + ".crc"));
    Files.write(file, bytes);
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }
}
