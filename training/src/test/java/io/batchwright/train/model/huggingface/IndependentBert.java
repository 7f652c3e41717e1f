package io.batchwright.train.model.huggingface;

import static io.batchwright.train.model.huggingface.IndependentTensors.attend;
import static io.batchwright.train.model.huggingface.IndependentTensors.gelu;
import static io.batchwright.train.model.huggingface.IndependentTensors.sum;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A second reader of encoder folders, written from the documentation of Hugging Face's {@code
 * BertModel}, {@code DistilBertModel}, {@code RobertaModel} and of sentence-transformers' modules:
 * one text at a time, in double precision, without a line of the code that it checks.
 */
final class IndependentBert {
  private static final List<String> BERT =
      List.of(
          "attention.self.query",
          "attention.self.key",
          "attention.self.value",
          "attention.output.dense",
          "attention.output.LayerNorm",
          "intermediate.dense",
          "output.dense",
          "output.LayerNorm");
  private static final List<String> DISTILBERT =
      List.of(
          "attention.q_lin",
          "attention.k_lin",
          "attention.v_lin",
          "attention.out_lin",
          "sa_layer_norm",
          "ffn.lin1",
          "ffn.lin2",
          "output_layer_norm");

  private final IndependentTensors tensors;
  private final boolean distilled;
  private final int firstPosition;
  private final int dims;
  private final int layers;
  private final int heads;
  private final double epsilon;
  private final String pooling;
  private final boolean normalizes;

  IndependentBert(Path folder) throws IOException {
    JsonNode config = json(folder, "config.json");
    String type = config.path("model_type").asText();
    distilled = type.equals("distilbert");
    boolean roberta = type.endsWith("roberta");
    tensors =
        new IndependentTensors(folder.resolve("model.safetensors"))
            .without(roberta ? "roberta." : type + ".");
    firstPosition = roberta ? config.path("pad_token_id").asInt() + 1 : 0;
    dims = config.path(distilled ? "dim" : "hidden_size").asInt();
    layers = config.path(distilled ? "n_layers" : "num_hidden_layers").asInt();
    heads = config.path(distilled ? "n_heads" : "num_attention_heads").asInt();
    epsilon = config.path("layer_norm_eps").asDouble(1e-12);
    if (!config.path(distilled ? "activation" : "hidden_act").asText().equals("gelu")) {
      throw new IOException("unexpected activation in " + config);
    }
    String mode = "mean";
    boolean unit = false;
    if (Files.exists(folder.resolve("modules.json"))) {
      for (JsonNode module : json(folder, "modules.json")) {
        switch (module.path("type").asText()) {
          case "sentence_transformers.models.Transformer" -> {}
          case "sentence_transformers.models.Pooling" ->
              mode = pooling(json(folder, module.path("path").asText() + "/config.json"));
          case "sentence_transformers.models.Normalize" -> unit = true;
          default -> throw new IOException("unexpected module " + module);
        }
      }
    }
    pooling = mode;
    normalizes = unit;
  }

  private static JsonNode json(Path folder, String name) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(name).toFile());
  }

  private static String pooling(JsonNode config) throws IOException {
    if (config.has("pooling_mode")) {
      return config.path("pooling_mode").asText();
    }
    for (String mode : List.of("cls", "mean")) {
      String flag = mode.equals("cls") ? "pooling_mode_cls_token" : "pooling_mode_mean_tokens";
      if (config.path(flag).asBoolean()) {
        return mode;
      }
    }
    throw new IOException("unexpected pooling " + config);
  }

  /** How many tensors of numbers the file has. */
  int tensors() {
    return tensors.count();
  }

  /** The vector of the text with these tokens. */
  double[] vector(int[] ids) {
    double[][] states = states(ids);
    double[] pooled = new double[dims];
    for (double[] state : pooling.equals("cls") ? new double[][] {states[0]} : states) {
      for (int d = 0; d < dims; d++) {
        pooled[d] += state[d];
      }
    }
    double scale = pooling.equals("cls") ? 1 : states.length;
    if (normalizes) {
      double square = 0;
      for (double value : pooled) {
        square += value * value;
      }
      scale = Math.sqrt(square);
    }
    for (int d = 0; d < dims; d++) {
      pooled[d] /= scale;
    }
    return pooled;
  }

  private double[][] states(int[] ids) {
    double[][] x = new double[ids.length][dims];
    for (int t = 0; t < ids.length; t++) {
      tensors.addRow("embeddings.word_embeddings.weight", ids[t], x[t]);
      tensors.addRow("embeddings.position_embeddings.weight", firstPosition + t, x[t]);
      if (!distilled) {
        tensors.addRow("embeddings.token_type_embeddings.weight", 0, x[t]);
      }
    }
    x = tensors.norm("embeddings.LayerNorm", x, epsilon);
    for (int l = 0; l < layers; l++) {
      String layer = (distilled ? "transformer.layer." : "encoder.layer.") + l + ".";
      List<String> names = (distilled ? DISTILBERT : BERT).stream().map(layer::concat).toList();
      double[][] seen =
          attend(
              tensors.linear(names.get(0), x),
              tensors.linear(names.get(1), x),
              tensors.linear(names.get(2), x),
              heads,
              false);
      x = tensors.norm(names.get(4), sum(x, tensors.linear(names.get(3), seen)), epsilon);
      double[][] inner = gelu(tensors.linear(names.get(5), x));
      x = tensors.norm(names.get(7), sum(x, tensors.linear(names.get(6), inner)), epsilon);
    }
    return x;
  }
}
