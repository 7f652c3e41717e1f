package io.batchwright.train.model;

import io.batchwright.kernel.AttentionForm;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Shape;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.layer.Activations;
import io.batchwright.train.layer.Dropout;
import io.batchwright.train.layer.FeedForward;
import io.batchwright.train.layer.Linear;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.layer.SelfAttention;
import io.batchwright.train.norm.LayerNorm;
import io.batchwright.train.norm.NormalizationLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * BERT's encoder over packed texts: no padding is computed. Parameters have the names of Hugging
 * Face's {@code BertModel}, so that its weights can be copied in and out by name.
 *
 * <pre>
 * x0 = norm(word[token] + position[offset + place in its text] + type[0])  [T, D]
 * xl = layer(x(l-1))          out = pool(xL)                              [B, D]
 * </pre>
 *
 * <p><b>Deviations from the paper</b> (1810.04805). No pooler; segments are not told apart.
 *
 * <p>Recipes reach it through {@link Bert} and {@link PretrainedEncoder}.
 */
public final class BertEncoder {
  /** The name of the table of token vectors, [V, D]. */
  public static final String WORDS = "embeddings.word_embeddings.weight";

  private final BertConfig config;
  private final Activations activations;
  private final Parameter words;
  private final Parameter positions;
  private final Optional<Parameter> types;
  private final NormalizationLayer norm;
  private final List<EncoderLayer> layers = new ArrayList<>();

  /**
   * An encoder that starts as BERT does: Gaussian weights, biases 0, gains 1.
   *
   * @param seed of the initial values; each parameter draws from a stream of its name
   */
  public BertEncoder(BertConfig config, ParameterSpace space, long seed) {
    this(config, space, seed, Activations.KEPT);
  }

  /**
   * {@link #BertEncoder(BertConfig, ParameterSpace, long)}, and what becomes of its layers' inner
   * results.
   */
  public BertEncoder(BertConfig config, ParameterSpace space, long seed, Activations activations) {
    this.config = config;
    this.activations = activations;
    Builder builder = new Builder(config, space, seed);
    words = builder.table("embeddings.word_embeddings", config.vocabularySize());
    positions = builder.table("embeddings.position_embeddings", config.maxPositions());
    types =
        config.typeVocabularySize() == 0
            ? Optional.empty()
            : Optional.of(
                builder.table("embeddings.token_type_embeddings", config.typeVocabularySize()));
    norm = builder.norm("embeddings.LayerNorm");
    for (int l = 0; l < config.layers(); l++) {
      layers.add(builder.layer("encoder.layer." + l));
    }
  }

  public BertConfig config() {
    return config;
  }

  /** The table of words, [V, D]. */
  public Parameter words() {
    return words;
  }

  /** All parameters: embeddings, then layer by layer. */
  public List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>(List.of(words, positions));
    types.ifPresent(parameters::add);
    parameters.addAll(norm.parameters());
    layers.forEach(layer -> parameters.addAll(layer.parameters()));
    return parameters;
  }

  /**
   * The state of each token after the last layer.
   *
   * @param pass whether and how to drop
   * @return [T, D]
   * @throws IllegalArgumentException if a text is longer than the position table
   */
  public Variable states(Graph graph, TextBatch batch, ForwardPass pass) {
    Dropout dropout =
        pass.dropout(
            graph, config.dropout(), config.attentionDropout(), batch, config.longestText());
    Variable x =
        graph.add(
            graph.embedding(words, batch.tokens()),
            graph.embedding(
                positions,
                batch.places(graph.arena(), config.positionOffset(), config.longestText())));
    if (types.isPresent()) {
      x = graph.add(x, graph.sliceRows(graph.parameter(types.get()), 0, 1)); // + [1, D]
    }
    x = norm.apply(graph, x);
    x = dropout.apply(graph, "embeddings", x);
    for (EncoderLayer layer : layers) {
      x =
          activations.through(
              graph, layer.name(), x, (g, in) -> layer.apply(g, in, batch.cuSeqlens(), dropout));
    }
    return x;
  }

  /** One vector for each text: [B, D], not scaled. */
  public Variable encode(Graph graph, TextBatch batch, Pooling pooling, ForwardPass pass) {
    return pooling.apply(graph, states(graph, batch, pass), batch.cuSeqlens());
  }

  /** Makes parameters under their names in Hugging Face's layout. */
  private record Builder(BertConfig config, ParameterSpace space, long seed) {
    Parameter table(String name, int rows) {
      String weight = name + ".weight";
      return space.gaussian(
          weight, Shape.of(rows, config.dims()), config.initialDeviation(), true, random(weight));
    }

    NormalizationLayer norm(String name) {
      return new LayerNorm(config.layerNormEpsilon())
          .build(name, config.dims(), space.dtype(), space.run());
    }

    EncoderLayer layer(String name) {
      int d = config.dims();
      int f = config.feedForwardDims();
      SelfAttention attention =
          new SelfAttention(
              linear(name + ".attention.self.query", d, d),
              linear(name + ".attention.self.key", d, d),
              linear(name + ".attention.self.value", d, d),
              linear(name + ".attention.output.dense", d, d),
              new AttentionForm(config.heads(), false));
      FeedForward feedForward =
          new FeedForward(
              linear(name + ".intermediate.dense", f, d), linear(name + ".output.dense", d, f));
      return new EncoderLayer(
          name,
          attention,
          norm(name + ".attention.output.LayerNorm"),
          feedForward,
          norm(name + ".output.LayerNorm"));
    }

    private Linear linear(String name, int out, int in) {
      return Linear.gaussian(
          name, Shape.of(out, in), config.initialDeviation(), space, random(name + ".weight"));
    }

    private RandomStream random(String name) {
      return RandomStream.of(seed, "initial " + name, 0, 0);
    }
  }
}
