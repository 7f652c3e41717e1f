package io.batchwright.train.model.huggingface;

import io.batchwright.tensor.Shape;
import io.batchwright.train.model.BertConfig;
import io.batchwright.train.model.BertEncoder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The kinds of {@code config.json} that describe an encoder of BERT's family: what they call its
 * sizes and its tensors. MiniLM, BGE, GTE and E5 models call themselves {@code bert}, multilingual
 * ones {@code xlm-roberta}.
 */
public enum Architecture {
  /** BERT: positions from 0, two token types. */
  BERT("bert", "bert.") {
    @Override
    BertConfig sizes(JsonFields json) {
      return bert(json, 0, 2);
    }
  },
  /** DistilBERT: other names for the same layers, and no token types. */
  DISTILBERT("distilbert", "distilbert.") {
    @Override
    BertConfig sizes(JsonFields json) {
      return new BertConfig(
          json.integer("vocab_size"),
          json.integer("dim"),
          json.integer("n_layers"),
          json.integer("n_heads"),
          json.integer("hidden_dim"),
          json.integer("max_position_embeddings"),
          0,
          0,
          json.number("dropout", 0.1),
          json.number("attention_dropout", 0.1),
          1e-12,
          json.number("initializer_range", 0.02));
    }

    @Override
    String activation(JsonFields json) {
      return json.text("activation", "gelu");
    }

    @Override
    String tensor(String parameter) {
      String name = parameter.replaceFirst("^encoder\\.", "transformer.");
      for (String[] part : DISTILBERT_PARTS) {
        name = name.replace(part[0], part[1]);
      }
      return name;
    }

    @Override
    List<String> head(String parameter) {
      return List.of(
          switch (parameter) {
            case BertEncoder.WORDS -> "vocab_projector.weight";
            case HEAD + "bias" -> "vocab_projector.bias";
            default ->
                parameter
                    .replace(HEAD + "transform.dense", "vocab_transform")
                    .replace(HEAD + "transform.LayerNorm", "vocab_layer_norm");
          });
    }
  },
  /** RoBERTa: positions start behind the padding token's. */
  ROBERTA("roberta", "roberta.") {
    @Override
    BertConfig sizes(JsonFields json) {
      return bert(json, json.integer("pad_token_id", 1) + 1, 1);
    }

    @Override
    List<String> head(String parameter) {
      return robertaHead(parameter);
    }
  },
  /** XLM-RoBERTa: RoBERTa with a vocabulary for a hundred languages. */
  XLM_ROBERTA("xlm-roberta", "roberta.") {
    @Override
    BertConfig sizes(JsonFields json) {
      return bert(json, json.integer("pad_token_id", 1) + 1, 1);
    }

    @Override
    List<String> head(String parameter) {
      return robertaHead(parameter);
    }
  };

  private static final String HEAD = "cls.predictions.";

  /** Longer names first, since shorter ones are parts of them. */
  private static final List<String[]> DISTILBERT_PARTS =
      List.of(
          new String[] {".attention.self.query.", ".attention.q_lin."},
          new String[] {".attention.self.key.", ".attention.k_lin."},
          new String[] {".attention.self.value.", ".attention.v_lin."},
          new String[] {".attention.output.dense.", ".attention.out_lin."},
          new String[] {".attention.output.LayerNorm.", ".sa_layer_norm."},
          new String[] {".intermediate.dense.", ".ffn.lin1."},
          new String[] {".output.dense.", ".ffn.lin2."},
          new String[] {".output.LayerNorm.", ".output_layer_norm."});

  private final String modelType;
  private final String prefix;

  Architecture(String modelType, String prefix) {
    this.modelType = modelType;
    this.prefix = prefix;
  }

  /** What {@code model_type} says. */
  public String modelType() {
    return modelType;
  }

  /** What stands before a tensor's name where the file is that of a larger model. */
  String prefix() {
    return prefix;
  }

  /** The parameters of a masked language model's head, by the names that BERT's files have. */
  static Map<String, Shape> headShapes(BertConfig config) {
    int d = config.dims();
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put(HEAD + "transform.dense.weight", Shape.of(d, d));
    shapes.put(HEAD + "transform.dense.bias", Shape.of(d));
    shapes.put(HEAD + "transform.LayerNorm.weight", Shape.of(d));
    shapes.put(HEAD + "transform.LayerNorm.bias", Shape.of(d));
    shapes.put(HEAD + "bias", Shape.of(config.vocabularySize()));
    return shapes;
  }

  abstract BertConfig sizes(JsonFields json);

  /** The name in the file, without prefix, of a parameter of {@code BertEncoder}. */
  String tensor(String parameter) {
    return parameter;
  }

  /**
   * Where a file may have a parameter of a masked language model's head, see {@link #headShapes},
   * or a second copy of the table of words, which is the output's matrix; the usual place first.
   */
  List<String> head(String parameter) {
    return switch (parameter) {
      case BertEncoder.WORDS -> List.of(HEAD + "decoder.weight");
      case HEAD + "bias" -> List.of(parameter, HEAD + "decoder.bias");
      default -> List.of(parameter);
    };
  }

  private static List<String> robertaHead(String parameter) {
    return switch (parameter) {
      case BertEncoder.WORDS -> List.of("lm_head.decoder.weight");
      case HEAD + "bias" -> List.of("lm_head.bias", "lm_head.decoder.bias");
      default ->
          List.of(
              parameter
                  .replace(HEAD + "transform.dense", "lm_head.dense")
                  .replace(HEAD + "transform.LayerNorm", "lm_head.layer_norm"));
    };
  }

  String activation(JsonFields json) {
    return json.text("hidden_act", "gelu");
  }

  /** The kind that a {@code config.json} says it is. */
  static Architecture of(JsonFields json) {
    String type = json.text("model_type", "");
    return Arrays.stream(values())
        .filter(known -> known.modelType.equals(type))
        .findFirst()
        .orElseThrow(
            () ->
                json.refused(
                    "model_type '%s' is not supported; supported are %s"
                        .formatted(
                            type,
                            Arrays.stream(values())
                                .map(Architecture::modelType)
                                .collect(Collectors.joining(", ")))));
  }

  /**
   * The sizes that a {@code config.json} states.
   *
   * @throws io.batchwright.data.failure.BatchwrightException if it asks for what the encoder cannot
   *     compute, or a size is out of its range
   */
  BertConfig config(JsonFields json) {
    String activation = activation(json);
    if (!activation.equals("gelu")) {
      throw json.refused(
          "activation '%s' is not supported (such as gelu_new or relu), only the exact gelu"
              .formatted(activation));
    }
    String positions = json.text("position_embedding_type", "absolute");
    if (!positions.equals("absolute")) {
      throw json.refused(
          "position_embedding_type '%s' is not supported, only absolute".formatted(positions));
    }
    if (json.flag("is_decoder") || json.flag("add_cross_attention")) {
      throw json.refused("it describes a decoder (is_decoder or add_cross_attention is true)");
    }
    try {
      return sizes(json);
    } catch (IllegalArgumentException e) {
      throw json.refused(e.getMessage());
    }
  }

  private static BertConfig bert(JsonFields json, int positionOffset, int types) {
    return new BertConfig(
        json.integer("vocab_size"),
        json.integer("hidden_size"),
        json.integer("num_hidden_layers"),
        json.integer("num_attention_heads"),
        json.integer("intermediate_size"),
        json.integer("max_position_embeddings"),
        positionOffset,
        json.integer("type_vocab_size", types),
        json.number("hidden_dropout_prob", 0.1),
        json.number("attention_probs_dropout_prob", 0.1),
        json.number("layer_norm_eps", 1e-12),
        json.number("initializer_range", 0.02));
  }
}
