package io.batchwright.train.model.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.language.TokenHead;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.BertEncoder;
import io.batchwright.train.model.Pooling;
import io.batchwright.train.safetensors.Safetensors;
import io.batchwright.train.safetensors.SafetensorsType;
import io.batchwright.train.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PretrainedCopyTest {
  @TempDir Path scratch;

  private final Backend backend = Backends.cpu();
  private final Arena arena = backend.arena("test");

  @AfterEach
  void close() {
    arena.close();
    backend.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "minilm", "distilbert", "roberta", "xlm-roberta"})
  void aFolderWithNewWeightsKeepsItsLayout(String name) throws IOException {
    PretrainedFolder source = PretrainedFolder.open(Folders.of(name));
    BertEncoder encoder = Folders.encoder(source, backend, arena, DType.F32);
    Map<String, float[]> values = Folders.values(encoder.parameters());
    values.values().forEach(value -> value[value.length - 1] += 0.25f);
    new PretrainedCopy(source, Map.of()).write(scratch, values);

    PretrainedFolder copy = PretrainedFolder.open(scratch);
    assertThat(copy.config()).isEqualTo(source.config());
    assertThat(copy.architecture()).isEqualTo(source.architecture());
    assertThat(copy.tokenizerJson()).isEqualTo(source.tokenizerJson());
    BertEncoder again = Folders.encoder(copy, backend, arena, DType.F32);
    Map<String, float[]> read = Folders.values(again.parameters());
    values.forEach((parameter, value) -> assertThat(read.get(parameter)).containsExactly(value));

    Path file = Path.of("model.safetensors");
    try (Safetensors before = Safetensors.open(source.folder().resolve(file));
        Safetensors after = Safetensors.open(scratch.resolve(file))) {
      assertThat(after.names()).containsExactlyInAnyOrderElementsOf(before.names());
      assertThat(after.metadata()).containsExactlyEntriesOf(before.metadata());
      assertThat(before.names().size()).isGreaterThan(source.tensors().names().size());
      for (String tensor : before.names()) {
        boolean trained = source.tensors().names().containsValue(tensor);
        assertThat(after.shape(tensor)).containsExactly(before.shape(tensor));
        assertThat(after.type(tensor))
            .isEqualTo(trained ? SafetensorsType.F32 : before.type(tensor));
        if (!trained && before.type(tensor) != SafetensorsType.I64) {
          assertThat(after.readFloats(tensor)).containsExactly(before.readFloats(tensor));
        }
      }
    }
  }

  /** One that PyTorch's vectors of the folders from elsewhere hold. */
  @ParameterizedTest
  @ValueSource(strings = {"bert", "minilm", "distilbert", "roberta", "xlm-roberta"})
  void anIndependentReaderOfTheCopyGetsTheVectorsOfItsWeights(String name) throws IOException {
    JsonNode golden = Folders.golden(name);
    int[][] ids = Folders.ids(golden);
    IndependentBert original = new IndependentBert(Folders.of(name));
    for (int i = 0; i < ids.length; i++) {
      assertThat(original.vector(ids[i]))
          .containsExactly(
              new ObjectMapper().convertValue(golden.at("/vectors/" + i), double[].class),
              within(1e-7));
    }

    PretrainedFolder source = PretrainedFolder.open(Folders.of(name));
    BertEncoder encoder = Folders.encoder(source, backend, arena, DType.F64);
    for (Parameter parameter : encoder.parameters()) {
      double[] trained = parameter.storage().toDoubles();
      RandomStream moved = RandomStream.of(8, parameter.name(), 0, 0);
      Arrays.setAll(trained, i -> (float) (trained[i] + 0.1 * moved.gaussianAt(i)));
      parameter.storage().copyFrom(trained);
    }
    new PretrainedCopy(source, Map.of()).write(scratch, Folders.values(encoder.parameters()));

    PretrainedFolder copy = PretrainedFolder.open(scratch);
    double[] ours = Folders.vectors(copy, encoder, ids, backend, arena);
    IndependentBert reader = new IndependentBert(scratch);
    assertThat(Arrays.stream(ids).map(reader::vector).flatMapToDouble(Arrays::stream).toArray())
        .containsExactly(ours, within(1e-7));
    assertThat(reader.vector(ids[0])).isNotEqualTo(original.vector(ids[0]));
  }

  /** The names that each kind of file has for the head, and for the table beside it. */
  @ParameterizedTest
  @CsvSource({
    "bert, cls.predictions.transform.dense, cls.predictions.transform.LayerNorm.gamma,"
        + " cls.predictions.transform.LayerNorm.beta, cls.predictions.bias,"
        + " cls.predictions.decoder.weight",
    "distilbert, vocab_transform, vocab_layer_norm.weight, vocab_layer_norm.bias,"
        + " vocab_projector.bias, vocab_projector.weight",
    "roberta, lm_head.dense, lm_head.layer_norm.weight, lm_head.layer_norm.bias, lm_head.bias,"
        + " lm_head.decoder.weight"
  })
  void theHeadOfAMaskedLanguageModelIsReadAndWrittenBack(
      String name, String dense, String gain, String shift, String bias, String table)
      throws IOException {
    Path from = Folders.copy(name, Files.createDirectory(scratch.resolve("from")));
    PretrainedFolder plain = PretrainedFolder.open(from);
    int d = plain.config().dims();
    int v = plain.config().vocabularySize();
    Map<String, SafetensorsWriter.Values> tensors = new HashMap<>();
    try (Safetensors before = Safetensors.open(Folders.of(name).resolve("model.safetensors"))) {
      for (String tensor : before.names()) {
        tensors.put(tensor, before.stored(tensor));
      }
      tensors.put(dense + ".weight", floats(1, d, d));
      tensors.put(dense + ".bias", floats(2, d));
      tensors.put(gain, floats(3, d));
      tensors.put(shift, floats(4, d));
      tensors.put(bias, floats(5, v));
      tensors.put(table, floats(6, v, d));
      SafetensorsWriter.write(from.resolve("model.safetensors"), before.metadata(), tensors);
    }
    ParameterSpace space = new ParameterSpace(backend, arena, DType.F32);
    PretrainedFolder source = PretrainedFolder.open(from);
    BertEncoder encoder = Folders.encoder(source, backend, arena, DType.F32);
    TokenHead head = TokenHead.of(encoder, space, 1);
    Map<String, float[]> fresh = Folders.values(head.parameters());
    plain.loadHead(head.parameters());
    assertThat(Folders.values(head.parameters()).get("cls.predictions.transform.dense.weight"))
        .as("a folder without a head leaves it as it is")
        .containsExactly(fresh.get("cls.predictions.transform.dense.weight"));
    source.loadHead(head.parameters());
    Map<String, float[]> values = Folders.values(head.parameters());
    int part = 0;
    for (float[] value : values.values()) {
      assertThat(value).containsOnly(++part);
    }
    assertThat(part).isEqualTo(5);

    values.putAll(Folders.values(encoder.parameters()));
    values.values().forEach(value -> value[0] += 0.5f);
    Path to = Files.createDirectory(scratch.resolve("to"));
    new PretrainedCopy(source, Map.of()).write(to, values);
    try (Safetensors after = Safetensors.open(to.resolve("model.safetensors"))) {
      assertThat(after.readFloats(dense + ".weight")).startsWith(1.5f, 1);
      assertThat(after.readFloats(gain)).startsWith(3.5f, 3);
      assertThat(after.readFloats(bias)).startsWith(5.5f, 5);
      assertThat(after.readFloats(table)).containsExactly(values.get(BertEncoder.WORDS));
    }
    head.parameters().forEach(parameter -> values.remove(parameter.name()));
    Path pairs = Files.createDirectory(scratch.resolve("pairs"));
    new PretrainedCopy(source, Map.of()).write(pairs, values);
    try (Safetensors after = Safetensors.open(pairs.resolve("model.safetensors"))) {
      assertThat(after.readFloats(bias)).as("trained on pairs").containsOnly(5);
      assertThat(after.readFloats(table)).containsOnly(6);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "minilm", "distilbert", "roberta", "xlm-roberta"})
  void aFolderWithoutAHeadGetsTheTrainedOne(String name) throws IOException {
    PretrainedFolder source = PretrainedFolder.open(Folders.of(name));
    BertEncoder encoder = Folders.encoder(source, backend, arena, DType.F32);
    ParameterSpace space = new ParameterSpace(backend, arena, DType.F32);
    Map<String, float[]> values = Folders.values(encoder.parameters());
    Map<String, float[]> head = Folders.values(TokenHead.of(encoder, space, 3).parameters());
    values.putAll(head);
    values.values().forEach(value -> value[0] += 0.25f);
    new PretrainedCopy(source, Map.of()).write(scratch, values);

    PretrainedFolder copy = PretrainedFolder.open(scratch);
    TokenHead again = TokenHead.of(encoder, space, 4);
    copy.loadHead(again.parameters());
    Map<String, float[]> read = Folders.values(again.parameters());
    read.putAll(Folders.values(Folders.encoder(copy, backend, arena, DType.F32).parameters()));
    assertThat(read).containsOnlyKeys(values.keySet());
    read.forEach((key, value) -> assertThat(value).as(key).containsExactly(values.get(key)));
    try (Safetensors before = Safetensors.open(source.folder().resolve("model.safetensors"));
        Safetensors after = Safetensors.open(scratch.resolve("model.safetensors"))) {
      String prefix = source.architecture().prefix();
      Set<String> expected = new TreeSet<>(copy.tensors().head().keySet());
      assertThat(expected).hasSize(head.size());
      for (String tensor : before.names()) {
        boolean behind = tensor.startsWith(prefix) || expected.contains(tensor);
        expected.add(behind ? tensor : prefix + tensor);
      }
      assertThat(after.names()).containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  void aHeadThatDoesNotFitIsRefusedByName() throws IOException {
    Path from = Folders.copy("bert", scratch);
    Path file = from.resolve("model.safetensors");
    PretrainedFolder plain = PretrainedFolder.open(from);
    int d = plain.config().dims();
    int v = plain.config().vocabularySize();
    Map<String, SafetensorsWriter.Values> tensors = new HashMap<>();
    try (Safetensors before = Safetensors.open(Folders.of("bert").resolve("model.safetensors"))) {
      for (String tensor : before.names()) {
        tensors.put(tensor, before.stored(tensor));
      }
      Architecture.headShapes(plain.config())
          .forEach(
              (name, shape) ->
                  tensors.put(name, shape.rank() == 2 ? floats(1, d, d) : floats(1, shape.dim(0))));
      tensors.put("cls.predictions.decoder.weight", floats(1, v + 1, d));
      SafetensorsWriter.write(file, before.metadata(), tensors);
    }
    assertThatThrownBy(() -> PretrainedFolder.open(from))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining(
            "tensor cls.predictions.decoder.weight has the shape [%d, %d]".formatted(v + 1, d));

    Files.copy(
        Folders.of("bert").resolve("model.safetensors"), file, StandardCopyOption.REPLACE_EXISTING);
    Path config = from.resolve("config.json");
    ObjectNode untied = (ObjectNode) new ObjectMapper().readTree(config.toFile());
    Files.writeString(config, untied.put("tie_word_embeddings", false).toString());
    PretrainedFolder opened = PretrainedFolder.open(from);
    assertThatThrownBy(opened::requireTiedWords)
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("config.json: tie_word_embeddings is false");
    assertThatThrownBy(() -> opened.loadHead(List.of())).hasMessageContaining("tie_word");
  }

  private static SafetensorsWriter.Floats floats(float value, int... dims) {
    float[] values = new float[IntStream.of(dims).reduce(1, Math::multiplyExact)];
    Arrays.fill(values, value);
    return new SafetensorsWriter.Floats(dims, values);
  }

  @Test
  void unknownFilesAreCopiedAndStaleWeightsAreNot() throws IOException {
    Path from = Folders.copy("bert", Files.createDirectory(scratch.resolve("from")));
    Path to = Files.createDirectory(scratch.resolve("to"));
    List<String> kept =
        List.of(
            "notes/authors.txt", "merges.txt", "sub/dir/thing.bin", "notes/model.fp16.safetensors");
    List<String> stale =
        List.of(
            "pytorch_model.bin",
            "pytorch_model-00001-of-00002.bin",
            "pytorch_model.bin.index.json",
            "model.fp16.safetensors",
            "model-00001-of-00002.safetensors",
            "model.safetensors.index.json",
            "onnx/model.onnx",
            "tf_model.h5",
            ".git/HEAD",
            "batchwright.json");
    for (List<String> files : List.of(kept, stale)) {
      for (String file : files) {
        Files.createDirectories(from.resolve(file).getParent());
        Files.write(from.resolve(file), new byte[] {1, 2, (byte) 200});
      }
    }
    Files.writeString(from.resolve("README.source.md"), "the card before that");
    PretrainedFolder source = PretrainedFolder.open(from);
    BertEncoder encoder = Folders.encoder(source, backend, arena, DType.F32);
    new PretrainedCopy(source, Map.of()).write(to, Folders.values(encoder.parameters()));

    kept.forEach(f -> assertThat(to.resolve(f)).hasBinaryContent(new byte[] {1, 2, (byte) 200}));
    stale.forEach(file -> assertThat(to.resolve(file)).doesNotExist());
    for (String file :
        List.of("special_tokens_map.json", "vocab.txt", "modules.json", "1_Pooling/config.json")) {
      assertThat(to.resolve(file)).hasSameBinaryContentAs(from.resolve(file));
    }
    assertThat(to.resolve("README.md")).doesNotExist();
    assertThat(to.resolve("README.source.md")).hasSameBinaryContentAs(from.resolve("README.md"));
    JsonNode before = new ObjectMapper().readTree(from.resolve("config.json").toFile());
    JsonNode after = new ObjectMapper().readTree(to.resolve("config.json").toFile());
    assertThat(after.path("torch_dtype").asText()).isEqualTo("float32");
    ((ObjectNode) after).put("torch_dtype", "bfloat16");
    assertThat(after).isEqualTo(before);
  }

  @Test
  void aReadOnlyFolderGivesOneThatCanBeWritten() throws IOException {
    Path from = Folders.copy("bert", Files.createDirectory(scratch.resolve("from")));
    Path to = Files.createDirectory(scratch.resolve("to"));
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
      }
    }
    PretrainedFolder source = PretrainedFolder.open(from);
    BertEncoder encoder = Folders.encoder(source, backend, arena, DType.F32);
    new PretrainedCopy(source, Map.of("query", "q: "))
        .write(to, Folders.values(encoder.parameters()));

    assertThat(PretrainedFolder.open(to).prompts()).containsEntry("query", "q: ");
    try (Stream<Path> files = Files.walk(to)) {
      assertThat(files.filter(Files::isRegularFile))
          .hasSizeGreaterThan(8)
          .allSatisfy(
              file ->
                  assertThat(Files.getPosixFilePermissions(file))
                      .contains(PosixFilePermission.OWNER_WRITE));
    }
  }

  @Test
  void aBareEncoderBecomesASentenceEncoder() throws IOException {
    PretrainedFolder source = PretrainedFolder.open(Folders.of("distilbert"));
    BertEncoder encoder = Folders.encoder(source, backend, arena, DType.F32);
    new PretrainedCopy(source, Map.of()).write(scratch, Folders.values(encoder.parameters()));
    assertThat(PretrainedFolder.open(scratch).modules())
        .isEqualTo(new SentenceModules("", Pooling.MEAN, true, 16, false));
    for (Pooling pooling : Pooling.values()) {
      SentenceModules modules = new SentenceModules("", pooling, false, 9, false);
      Path folder = Files.createDirectory(scratch.resolve(pooling.name()));
      modules.write(folder, 8);
      assertThat(SentenceModules.read(folder)).isEqualTo(modules);
    }
  }

  @Test
  void promptsOfTheRecipeTakeThePlaceOfTheFoldersOfTheSameName() throws IOException {
    for (String name : List.of("bert", "roberta")) {
      PretrainedFolder source = PretrainedFolder.open(Folders.of(name));
      BertEncoder encoder = Folders.encoder(source, backend, arena, DType.F32);
      Path target = Files.createDirectory(scratch.resolve(name));
      new PretrainedCopy(source, Map.of("query", "q: ", "document", "d: "))
          .write(target, Folders.values(encoder.parameters()));
      assertThat(PretrainedFolder.open(target).prompts())
          .containsExactly(Map.entry("document", "d: "), Map.entry("query", "q: "));
    }
    JsonNode config =
        new ObjectMapper()
            .readTree(scratch.resolve("bert/config_sentence_transformers.json").toFile());
    assertThat(config.has("default_prompt_name")).isTrue();

    Path from = Folders.copy("xlm-roberta", Files.createDirectory(scratch.resolve("from")));
    Path file = from.resolve("config_sentence_transformers.json");
    Files.writeString(file, Files.readString(file).replace("\"document\"", "\"passage\""));
    PretrainedFolder source = PretrainedFolder.open(from);
    assertThat(source.prompts())
        .containsExactly(Map.entry("passage", "a: "), Map.entry("query", "the: "));
    BertEncoder encoder = Folders.encoder(source, backend, arena, DType.F32);
    Path query = Files.createDirectory(scratch.resolve("query"));
    new PretrainedCopy(source, Map.of("query", "q: "))
        .write(query, Folders.values(encoder.parameters()));
    assertThat(PretrainedFolder.open(query).prompts())
        .containsExactly(Map.entry("passage", "a: "), Map.entry("query", "q: "));
    Path document = Files.createDirectory(scratch.resolve("document"));
    new PretrainedCopy(source, Map.of("document", "d: "))
        .write(document, Folders.values(encoder.parameters()));
    assertThat(PretrainedFolder.open(document).prompts())
        .containsExactly(
            Map.entry("document", "d: "), Map.entry("passage", "d: "), Map.entry("query", "the: "));
  }

  @Test
  void aMissingParameterIsABrokenInvariant() {
    PretrainedFolder source = PretrainedFolder.open(Folders.of("roberta"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PretrainedCopy(source, Map.of()).write(scratch, Map.of()))
        .withMessageStartingWith("no values for the parameter ");
  }
}
