package io.batchwright.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.collective.HeapMemory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
  private static final String PARAMETERS = "parameters-00000-of-00001.0000-0000.bin";
  private static final String OPTIMIZER = "optimizer-00000-of-00001.0000-0000.bin";

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
    write(7, 1, parameters, optimizer);
    assertRestored(parameters, optimizer);
    write(8, 3, parameters, optimizer);
    assertThat(folder.resolve("checkpoints/step-00000008"))
        .isDirectoryContaining("glob:**/parameters-00002-of-00003.0000-0000.bin");
    assertRestored(parameters, optimizer);
    write(9, 16, parameters, optimizer);
    assertRestored(parameters, optimizer);
  }

  private void assertRestored(Map<String, Tensor> parameters, Map<String, Tensor> optimizer)
      throws IOException {
    float[] values = parameters.get("embedding.weight").toFloats();
    Map<String, Tensor> back = new LinkedHashMap<>();
    back.put("embedding.weight", arena.zeros("w", DType.F32, values.length));
    back.put("bias", arena.zeros("b", DType.F32, 3, 1));
    Map<String, Tensor> state = Map.of("bias.last_step", arena.zeros("s", DType.I32, 2));
    Checkpoints.Found found = checkpoints.newest().orElseThrow();
    checkpoints.restore(found, back, state);
    assertThat(WeightsHash.of(back)).isEqualTo(WeightsHash.of(parameters));
    assertThat(bits(back.get("embedding.weight").toFloats())).isEqualTo(bits(values));
    assertThat(state.get("bias.last_step").toInts())
        .isEqualTo(optimizer.get("bias.last_step").toInts());
    assertThat(found.manifest().provenance().configSha256()).isEqualTo("config");

    List<Weights> exported = checkpoints.parameters(found);
    assertThat(exported).extracting(Weights::name).containsExactly("embedding.weight", "bias");
    assertThat(bits(exported.get(0).values())).isEqualTo(bits(values));
    assertThat(exported.get(1).dims()).containsExactly(3, 1);
  }

  @Test
  void partsAreEvenAndCutNoElement() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("a", arena.zeros("a", DType.F32, 3));
    tensors.put("b", arena.zeros("b", DType.F64, 5));
    tensors.put("c", arena.zeros("c", DType.I32, 100));
    TensorSequence sequence = new TensorSequence(tensors);
    for (int parts = 1; parts <= 9; parts++) {
      assertThat(sequence.start(0, parts)).isZero();
      assertThat(sequence.start(parts, parts)).isEqualTo(sequence.bytes());
      for (int part = 0; part < parts; part++) {
        long start = sequence.start(part, parts);
        long size = sequence.start(part + 1, parts) - start;
        assertThat(size).isBetween(452L / parts - 8, 452L / parts + 9);
        assertThat(start < 12 || start >= 52 ? start % 4 : (start - 12) % 8).isZero();
      }
    }
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
    byte[] bytes = Files.readAllBytes(file(20, PARAMETERS));
    overwrite(20, PARAMETERS, Arrays.copyOf(bytes, bytes.length - 1));
    assertThat(newestStep()).contains(10L);
    assertThat(checkpoints.newest().orElseThrow().damaged())
        .singleElement()
        .asString()
        .contains("step-00000020", "has 63 bytes, and its manifest states 64");
    Files.delete(file(20, PARAMETERS));
    assertThat(newestStep()).contains(10L);
  }

  @Test
  void whereNoCheckpointIsWholeThatIsSaidAndNothingIsChanged() throws IOException {
    write(10);
    Files.delete(file(10, OPTIMIZER));
    assertThatThrownBy(checkpoints::newest)
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(3))
        .hasMessageContaining("No checkpoint in")
        .hasMessageContaining("step-00000010")
        .hasMessageContaining("delete that folder");
    assertThat(file(10, PARAMETERS)).exists();
  }

  @Test
  void aMissingPartIsPassedOver() throws IOException {
    write(10);
    write(20);
    String json = Files.readString(file(20, "manifest.json"));
    overwrite(
        20,
        "manifest.json",
        json.replaceAll("\"first\" : 0", "\"first\" : 32").getBytes(StandardCharsets.UTF_8));
    assertThat(newestStep()).contains(10L);
  }

  @Test
  void aDiskThatFillsUpAtAnyByteLeavesTheCheckpointBefore() throws IOException {
    checkpoints = new Checkpoints("stingy://" + folder, StingyFileSystem.configuration());
    StingyFileSystem.renames.set(0);
    write(10);
    long whole = Files.size(file(10, "manifest.json")) + 2 * 64;
    for (long room = 0; room < whole; room += 7) {
      StingyFileSystem.room.set(room);
      assertThatThrownBy(() -> write(20)).hasMessage("No space left on device");
      assertThat(newestStep()).as("room for %d bytes", room).contains(10L);
    }
    StingyFileSystem.room.set(Long.MAX_VALUE);
    write(20);
    checkpoints.prune(1, -1);
    assertThat(newestStep()).contains(20L);
    assertThat(StingyFileSystem.renames).hasValue(0);
  }

  @Test
  void aCopyThatIsCutInTheMiddleIsNoCheckpoint() throws Exception {
    Configuration hadoop = StingyFileSystem.configuration();
    checkpoints = new Checkpoints("stingy://" + folder, hadoop);
    write(10);
    write(20);
    // Somebody moves the newest checkpoint away and back, as object stores do, and is interrupted.
    var store = new org.apache.hadoop.fs.Path("stingy://" + folder).getFileSystem(hadoop);
    for (String name : List.of("manifest.json", PARAMETERS)) {
      var file = new org.apache.hadoop.fs.Path(file(20, name).toUri().getPath());
      var away = file.suffix(".away");
      assertThat(store.rename(file, away)).isTrue();
      StingyFileSystem.copied.set(40);
      assertThatThrownBy(() -> store.rename(away, file)).hasMessage("the copy was cut");
      StingyFileSystem.copied.set(Long.MAX_VALUE);
      assertThat(newestStep()).as(name).contains(10L);
      Files.delete(file(20, name));
      assertThat(store.rename(away, file)).isTrue();
      assertThat(newestStep()).as(name).contains(20L);
    }
  }

  @Test
  void oneFlippedBitIsPassedOver() throws IOException {
    write(10);
    write(20);
    byte[] bytes = Files.readAllBytes(file(20, OPTIMIZER));
    bytes[5] ^= 1;
    overwrite(20, OPTIMIZER, bytes);
    assertThat(newestStep()).contains(10L);
  }

  @Test
  void anotherVersionIsRefused() throws IOException {
    write(10);
    String json = Files.readString(file(10, "manifest.json"));
    overwrite(
        10,
        "manifest.json",
        json.replaceAll("\"version\" : 2", "\"version\" : 99").getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(checkpoints::newest)
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(3))
        .hasMessageContaining("'batchwright-checkpoint' version 99")
        .hasMessageContaining("reads 'batchwright-checkpoint' version 2");
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
    checkpoints.prune(2, -1);
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
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(3))
        .hasMessageContaining("is of another model or optimizer: tensor 1")
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
    write(step, 1, parameters, optimizer);
  }

  private void write(
      long step, int world, Map<String, Tensor> parameters, Map<String, Tensor> optimizer)
      throws IOException {
    List<CheckpointManifest.StoredFile> files = new ArrayList<>();
    CheckpointPart part = null;
    for (int rank = 0; rank < world; rank++) {
      part = new CheckpointPart(rank, world);
      part.copy(parameters, optimizer);
      files.addAll(
          CheckpointManifest.filesFromJson(
              CheckpointManifest.toJson(checkpoints.write(part, step, FIRST))));
    }
    checkpoints.publish(manifest(step, part, files));
  }

  private static CheckpointManifest manifest(
      long step, CheckpointPart part, List<CheckpointManifest.StoredFile> files) {
    return new CheckpointManifest(
        CheckpointManifest.FORMAT,
        CheckpointManifest.VERSION,
        FIRST,
        new Position(step, 1, 2, step),
        new Provenance("run", 1, "config", "data", "commit"),
        2,
        "java, 2 ranks",
        BestValidation.NONE,
        part.parameters(),
        part.optimizer(),
        files);
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
