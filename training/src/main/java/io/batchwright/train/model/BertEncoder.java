package io.batchwright.train.model;

import io.batchwright.kernel.AttentionForm;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Shape;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.RowSum;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
public final class BertEncoder implements TokenNetwork {
  /** The name of the table of token vectors, [V, D]. */
  public static final String WORDS = "embeddings.word_embeddings.weight";

  private static final String POSITIONS = "embeddings.position_embeddings.weight";
  private static final String TYPES = "embeddings.token_type_embeddings.weight";

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
    Builder builder = new Builder(config, shapes(config), space, seed);
    words = builder.table(WORDS);
    positions = builder.table(POSITIONS);
    types = config.typeVocabularySize() == 0 ? Optional.empty() : Optional.of(builder.table(TYPES));
    norm = builder.norm("embeddings.LayerNorm");
    for (int l = 0; l < config.layers(); l++) {
      layers.add(builder.layer("encoder.layer." + l));
    }
  }

  /** The shape of each parameter by its name, in the order of {@link #parameters}. */
  public static Map<String, Shape> shapes(BertConfig config) {
    int d = config.dims();
    int f = config.feedForwardDims();
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put(WORDS, Shape.of(config.vocabularySize(), d));
    shapes.put(POSITIONS, Shape.of(config.maxPositions(), d));
    if (config.typeVocabularySize() > 0) {
      shapes.put(TYPES, Shape.of(config.typeVocabularySize(), d));
    }
    norm(shapes, "embeddings.LayerNorm", d);
    for (int l = 0; l < config.layers(); l++) {
      String layer = "encoder.layer." + l;
      linear(shapes, layer + ".attention.self.query", d, d);
      linear(shapes, layer + ".attention.self.key", d, d);
      linear(shapes, layer + ".attention.self.value", d, d);
      linear(shapes, layer + ".attention.output.dense", d, d);
      norm(shapes, layer + ".attention.output.LayerNorm", d);
      linear(shapes, layer + ".intermediate.dense", f, d);
      linear(shapes, layer + ".output.dense", d, f);
      norm(shapes, layer + ".output.LayerNorm", d);
    }
    return shapes;
  }

  private static void linear(Map<String, Shape> shapes, String name, int out, int in) {
    shapes.put(name + ".weight", Shape.of(out, in));
    shapes.put(name + ".bias", Shape.of(out));
  }

  private static void norm(Map<String, Shape> shapes, String name, int dims) {
    shapes.put(name + ".weight", Shape.of(dims));
    shapes.put(name + ".bias", Shape.of(dims));
  }

  public BertConfig config() {
    return config;
  }

  @Override
  public int longestText() {
    return config.longestText();
  }

  @Override
  public double initialDeviation() {
    return config.initialDeviation();
  }

  @Override
  public double layerNormEpsilon() {
    return config.layerNormEpsilon();
  }

  @Override
  public Parameter words() {
    return words;
  }

  /** All parameters: embeddings, then layer by layer. */
  @Override
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
  @Override
  public Variable states(Graph graph, TextBatch batch, ForwardPass pass) {
    Dropout dropout =
        pass.dropout(
            graph, config.dropout(), config.attentionDropout(), batch, config.longestText());
    RowSum embeddings =
        new RowSum(graph)
            .plusRows(words, batch.tokens())
            .plusRows(
                positions,
                batch.places(graph.arena(), config.positionOffset(), config.longestText()));
    if (types.isPresent()) {
      embeddings.plus(graph.sliceRows(graph.parameter(types.get()), 0, 1)); // [1, D]
    }
    Variable x = norm.apply(graph, embeddings);
    DType dtype = x.value().dtype();
    if (dtype == DType.F32) {
      x = graph.cast(x, graph.backend().activations());
    }
    x = dropout.apply(graph, "embeddings", x);
    for (EncoderLayer layer : layers) {
      x =
          activations.through(
              graph, layer.name(), x, (g, in) -> layer.apply(g, in, batch.cuSeqlens(), dropout));
    }
    return graph.cast(x, dtype);
  }

  /** One vector for each text: [B, D], not scaled. */
  public Variable encode(Graph graph, TextBatch batch, Pooling pooling, ForwardPass pass) {
    return pooling.apply(graph, states(graph, batch, pass), batch.cuSeqlens());
  }

  /** One vector of unit length for each text: [B, D]. */
  public Variable encodeUnit(Graph graph, TextBatch batch, Pooling pooling, ForwardPass pass) {
    return pooling.unit(graph, states(graph, batch, pass), batch.cuSeqlens());
  }

  /** Makes parameters under their names in Hugging Face's layout. */
  private record Builder(
      BertConfig config, Map<String, Shape> shapes, ParameterSpace space, long seed) {
    Parameter table(String name) {
      return space.gaussian(name, shapes.get(name), config.initialDeviation(), true, random(name));
    }

    NormalizationLayer norm(String name) {
      return new LayerNorm(config.layerNormEpsilon())
          .build(name, shapes.get(name + ".weight").dim(0), space.dtype(), space.run());
    }

    EncoderLayer layer(String name) {
      SelfAttention attention =
          new SelfAttention(
              linear(name + ".attention.self.query"),
              linear(name + ".attention.self.key"),
              linear(name + ".attention.self.value"),
              linear(name + ".attention.output.dense"),
              new AttentionForm(config.heads(), false));
      FeedForward feedForward =
          new FeedForward(linear(name + ".intermediate.dense"), linear(name + ".output.dense"));
      return new EncoderLayer(
          name,
          attention,
          norm(name + ".attention.output.LayerNorm"),
          feedForward,
          norm(name + ".output.LayerNorm"));
    }

    private Linear linear(String name) {
      String weight = name + ".weight";
      return Linear.gaussian(
          name, shapes.get(weight), config.initialDeviation(), space, random(weight));
    }

    private RandomStream random(String name) {
      return RandomStream.of(seed, "initial " + name, 0, 0);
    }
  }
}
