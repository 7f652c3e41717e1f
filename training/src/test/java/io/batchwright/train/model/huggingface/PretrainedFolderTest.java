package io.batchwright.train.model.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.token.SpecialTokens;
import io.batchwright.data.token.Tokenizer;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Shape;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.BertEncoder;
import io.batchwright.train.model.Pooling;
import io.batchwright.train.safetensors.Safetensors;
import io.batchwright.train.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against PyTorch: folders and vectors were made by {@code pretrained_golden.py}. */
class PretrainedFolderTest {
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
  void aFoldersVectorsEqualPyTorchs(String name) throws IOException {
    PretrainedFolder folder = PretrainedFolder.open(Folders.of(name));
    JsonNode golden = Folders.golden(name);
    double[] expected = flat(golden.path("vectors"));
    for (DType dtype : new DType[] {DType.F64, DType.F32}) {
      BertEncoder encoder = Folders.encoder(folder, backend, arena, dtype);
      assertThat(Folders.vectors(folder, encoder, Folders.ids(golden), backend, arena))
          .as("%s in %s", name, dtype)
          .containsExactly(expected, within(dtype == DType.F64 ? 1e-10 : 1e-5));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "minilm", "distilbert", "roberta", "xlm-roberta"})
  void aFoldersTokenizerGivesTheIdsOfItsDefinition(String name) throws IOException {
    JsonNode golden = Folders.golden(name);
    int[][] expected = Folders.ids(golden);
    try (Tokenizer tokenizer =
        Tokenizer.load(PretrainedFolder.open(Folders.of(name)).tokenizerJson())) {
      SpecialTokens special = tokenizer.specialTokens();
      assertThat(special.count()).isEqualTo(2);
      for (int i = 0; i < expected.length; i++) {
        String text = golden.path("texts").get(i).asText();
        assertThat(special.around(tokenizer.encode(text), 99))
            .as(text)
            .containsExactly(expected[i]);
      }
    }
  }

  @Test
  void whatStandsAroundTheEncoderIsRead() {
    PretrainedFolder bert = PretrainedFolder.open(Folders.of("bert"));
    assertThat(bert.architecture()).isEqualTo(Architecture.BERT);
    assertThat(bert.modules()).isEqualTo(new SentenceModules("", Pooling.CLS, true, 12, true));
    assertThat(bert.prompts()).containsExactly(Map.entry("query", "search: "));
    assertThat(bert.maxTokens()).isEqualTo(12);

    PretrainedFolder minilm = PretrainedFolder.open(Folders.of("minilm"));
    assertThat(minilm.architecture()).isEqualTo(Architecture.BERT);
    assertThat(minilm.modules()).isEqualTo(new SentenceModules("", Pooling.MEAN, true, 10, false));
    assertThat(minilm.prompts()).isEmpty();
    assertThat(minilm.maxTokens()).isEqualTo(10);

    PretrainedFolder distilbert = PretrainedFolder.open(Folders.of("distilbert"));
    assertThat(distilbert.config().typeVocabularySize()).isZero();
    assertThat(distilbert.modules())
        .isEqualTo(new SentenceModules("", Pooling.MEAN, false, 0, false));
    assertThat(distilbert.maxTokens()).isEqualTo(16);

    PretrainedFolder roberta = PretrainedFolder.open(Folders.of("roberta"));
    assertThat(roberta.config().positionOffset()).isEqualTo(2);
    assertThat(roberta.maxTokens()).isEqualTo(26);
    assertThat(roberta.config().longestText()).isEqualTo(26);

    PretrainedFolder multilingual = PretrainedFolder.open(Folders.of("xlm-roberta"));
    assertThat(multilingual.architecture()).isEqualTo(Architecture.XLM_ROBERTA);
    assertThat(multilingual.modules().pooling()).isEqualTo(Pooling.MEAN);
    assertThat(multilingual.prompts()).containsEntry("query", "the: ").hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "distilbert", "roberta"})
  void tensorsLookedForAreTheEncodersParameters(String name) {
    PretrainedFolder folder = PretrainedFolder.open(Folders.of(name));
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (Parameter parameter :
        new BertEncoder(folder.config(), new ParameterSpace(backend, arena, DType.F32), 1)
            .parameters()) {
      shapes.put(parameter.name(), parameter.storage().shape());
    }
    Map<String, Shape> found = BertEncoder.shapes(folder.config());
    assertThat(found).containsExactlyEntriesOf(shapes);
  }

  @Test
  void anArchitectureThatIsNotOursIsRefusedByName() throws IOException {
    refused(
        with("config.json", "\"model_type\": \"bert\"", "\"model_type\": \"mpnet\""),
        "config.json: model_type 'mpnet' is not supported; supported are bert, distilbert, roberta,"
            + " xlm-roberta");
    refused(
        with("config.json", "\"gelu\"", "\"gelu_new\""),
        "config.json: activation 'gelu_new' is not supported (such as gelu_new or relu), only the"
            + " exact gelu");
    refused(
        with("config.json", "\"absolute\"", "\"relative_key\""),
        "position_embedding_type 'relative_key' is not supported");
    refused(
        with("config.json", "\"model_type\"", "\"is_decoder\": true, \"model_type\""),
        "config.json: it describes a decoder");
    refused(
        with("config.json", "\"hidden_size\": 8,", ""),
        "config.json: hidden_size must be a whole number, got nothing");
    refused(
        with("config.json", "\"num_attention_heads\": 2", "\"num_attention_heads\": 3"),
        "config.json: BertConfig.heads must divide dims (8), got 3");
    refused(with("config.json", "{", ""), "config.json is not valid JSON");
  }

  @Test
  void modulesThatAreNotOursAreRefused() throws IOException {
    refused(
        with("modules.json", "models.Normalize", "models.Dense"),
        "modules.json: module sentence_transformers.models.Dense is not supported, only"
            + " Transformer, Pooling and Normalize");
    refused(
        with(
            "1_Pooling/config.json",
            "\"pooling_mode_max_tokens\": false",
            "\"pooling_mode_max_tokens\": true"),
        "pooling_mode_max_tokens is not supported; exactly one of");
    refused(
        with("1_Pooling/config.json", "_cls_token\": true", "_cls_token\": false"),
        "config.json: no pooling mode is true");
    refused(
        with("1_Pooling/config.json", "{", "{\"include_prompt\": false,"),
        "include_prompt: false (prompts left out of pooling) is not supported");
    refused(
        with("sentence_bert_config.json", "12", "17"),
        "sentence_bert_config.json: max_seq_length is 17, but the position table of 16 rows has"
            + " room for 16 tokens");
  }

  @Test
  void aVocabularyThatDisagreesWithTheEmbeddingIsRefused() throws IOException {
    refused(
        with("tokenizer.json", "\"##a\": 18", "\"##a\": 19"),
        "tokenizer.json: token ids go up to 19, but the embedding has 19 rows");
    refused(
        with("tokenizer.json", "\"lowercase\": true", "\"lowercase\": false"),
        "do_lower_case is true, but the tokenizer keeps capital letters");
    refused(
        with("config.json", "\"vocab_size\": 19", "\"vocab_size\": 20"),
        "model.safetensors: tensor bert.embeddings.word_embeddings.weight has the shape [19, 8],"
            + " config.json gives [20, 8]");
    Path folder = Folders.copy("bert", Files.createDirectory(scratch.resolve("missing")));
    Files.delete(folder.resolve("tokenizer.json"));
    refused(folder, "tokenizer.json is missing; AutoTokenizer");
  }

  @Test
  void tensorsThatAreMissingOfAnotherShapeOrNoNumbersAreRefused() throws IOException {
    String query = "roberta.encoder.layer.1.attention.self.query.weight";
    refused(
        changed(tensors -> tensors.remove(query)),
        "model.safetensors: tensor encoder.layer.1.attention.self.query.weight is missing, with and"
            + " without the prefix roberta.");
    refused(
        changed(tensors -> tensors.put(query, floats(new int[] {8, 4}, 0))),
        "model.safetensors: tensor %s has the shape [8, 4], config.json gives [8, 8]"
            .formatted(query));
    Path nan = changed(tensors -> tensors.put(query, floats(new int[] {8, 8}, Float.NaN)));
    assertThatExceptionOfType(BatchwrightException.class)
        .isThrownBy(() -> Folders.encoder(PretrainedFolder.open(nan), backend, arena, DType.F32))
        .withMessage(
            nan.resolve("model.safetensors")
                + ": tensor "
                + query
                + " has the value NaN at place 63");
    Path cut = changed(tensors -> {});
    byte[] bytes = Files.readAllBytes(cut.resolve("model.safetensors"));
    Files.write(cut.resolve("model.safetensors"), Arrays.copyOf(bytes, bytes.length - 4));
    refused(cut, "model.safetensors: tensor");
    Files.delete(cut.resolve("model.safetensors"));
    Files.createDirectory(cut.resolve("model.safetensors"));
    refused(cut, cut.resolve("model.safetensors") + ": Is a directory");
    Files.delete(cut.resolve("model.safetensors"));
    refused(cut, "model.safetensors is missing; weights in other files (pytorch_model.bin");
  }

  /** The XLM-RoBERTa folder with other tensors. */
  private Path changed(Consumer<Map<String, SafetensorsWriter.Values>> change) throws IOException {
    Path folder = Folders.copy("xlm-roberta", Files.createTempDirectory(scratch, "f"));
    Path file = folder.resolve("model.safetensors");
    Path aside = scratch.resolve("aside.safetensors");
    try (Safetensors source = Safetensors.open(file)) {
      Map<String, SafetensorsWriter.Values> tensors = new HashMap<>();
      for (String name : source.names()) {
        tensors.put(name, source.stored(name));
      }
      change.accept(tensors);
      SafetensorsWriter.write(aside, Map.of(), tensors);
    }
    Files.delete(file);
    Files.move(aside, file);
    return folder;
  }

  /** Zeros, with {@code last} at the end. */
  private static SafetensorsWriter.Floats floats(int[] shape, float last) {
    float[] values = new float[shape[0] * shape[1]];
    values[values.length - 1] = last;
    return new SafetensorsWriter.Floats(shape, values);
  }

  /** The BERT folder with a file in which {@code from} became {@code to}, once. */
  private Path with(String file, String from, String to) throws IOException {
    Path folder = Folders.copy("bert", Files.createTempDirectory(scratch, "f"));
    String text = Files.readString(folder.resolve(file));
    assertThat(text).contains(from);
    int at = text.indexOf(from);
    Files.writeString(
        folder.resolve(file), text.substring(0, at) + to + text.substring(at + from.length()));
    return folder;
  }

  private static void refused(Path folder, String reason) {
    assertThatExceptionOfType(BatchwrightException.class)
        .isThrownBy(() -> PretrainedFolder.open(folder))
        .withMessageStartingWith(folder.toString())
        .withMessageContaining(reason)
        .satisfies(e -> assertThat(e.exitCode()).isEqualTo(3));
  }

  private static double[] flat(JsonNode rows) {
    List<Double> values = new ArrayList<>();
    rows.forEach(row -> row.forEach(value -> values.add(value.asDouble())));
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
