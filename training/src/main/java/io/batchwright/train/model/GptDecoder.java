package io.batchwright.train.model;

import io.batchwright.kernel.AttentionForm;
import io.batchwright.technique.Paper;
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

/**
 * GPT-2's decoder over packed texts: each position sees itself and what stands before it in its
 * text. Its table of words is also the matrix of the output ({@code TokenHead.of(decoder)} of the
 * package {@code language}).
 *
 * <pre>
 * x0 = dropout(word[token] + position[place in its text])     [T, D]
 * xl = layer(x(l-1))          out = norm(xL)                   [T, D]
 * </pre>
 *
 * <p><b>Deviations from the paper.</b> The exact GELU, where its code approximates by tanh (4.8e-4
 * apart at most). Query, key and value are three matrices, stored [out, in], where its files have
 * one, stored [in, out]; the names say so: {@code h.0.attn.query.weight}.
 *
 * <p><b>Relations.</b> {@link BertEncoder} sees both sides. Recipes reach it through {@link Gpt}.
 */
@Paper(
    title = "Language Models are Unsupervised Multitask Learners",
    where = "Section 2.3 (OpenAI, 2019)")
public final class GptDecoder implements TokenNetwork {
  private final GptConfig config;
  private final Activations activations;
  private final Parameter words;
  private final Parameter positions;
  private final List<DecoderLayer> layers = new ArrayList<>();
  private final NormalizationLayer norm;

  /** A decoder whose layers' inner results are kept for the way back. */
  public GptDecoder(GptConfig config, ParameterSpace space, long seed) {
    this(config, space, seed, Activations.KEPT);
  }

  /**
   * A decoder that starts as GPT-2 does: Gaussian weights, those that write into the sums narrower
   * by the root of their number, biases 0, gains 1.
   *
   * @param seed of the initial values; each parameter draws from a stream of its name
   * @param activations what becomes of the layers' inner results
   */
  public GptDecoder(GptConfig config, ParameterSpace space, long seed, Activations activations) {
    this.config = config;
    this.activations = activations;
    Builder builder = new Builder(config, space, seed);
    words = builder.table("wte", config.vocabularySize());
    positions = builder.table("wpe", config.maxPositions());
    for (int l = 0; l < config.layers(); l++) {
      layers.add(builder.layer("h." + l));
    }
    norm = builder.norm("ln_f");
  }

  public GptConfig config() {
    return config;
  }

  @Override
  public int longestText() {
    return config.maxPositions();
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

  /** All parameters: tables, then layer by layer, then the last norm. */
  @Override
  public List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>(List.of(words, positions));
    layers.forEach(layer -> parameters.addAll(layer.parameters()));
    parameters.addAll(norm.parameters());
    return parameters;
  }

  /**
   * The state of each token after the last norm.
   *
   * @return [T, D]
   * @throws IllegalArgumentException if a text is longer than the position table
   */
  @Override
  public Variable states(Graph graph, TextBatch batch, ForwardPass pass) {
    int longest = config.maxPositions();
    Dropout dropout =
        pass.dropout(graph, config.dropout(), config.attentionDropout(), batch, longest);
    Variable x =
        graph.add(
            graph.embedding(words, batch.tokens()),
            graph.embedding(positions, batch.places(graph.arena(), 0, longest)));
    x = dropout.apply(graph, "embeddings", x);
    for (DecoderLayer layer : layers) {
      x =
          activations.through(
              graph, layer.name(), x, (g, in) -> layer.apply(g, in, batch.cuSeqlens(), dropout));
    }
    return norm.apply(graph, x);
  }

  /** Makes parameters under their names. */
  private record Builder(GptConfig config, ParameterSpace space, long seed) {
    Parameter table(String name, int rows) {
      String weight = name + ".weight";
      return space.gaussian(
          weight, Shape.of(rows, config.dims()), config.initialDeviation(), true, random(weight));
    }

    NormalizationLayer norm(String name) {
      return new LayerNorm(config.layerNormEpsilon())
          .build(name, config.dims(), space.dtype(), space.run());
    }

    DecoderLayer layer(String name) {
      int d = config.dims();
      int f = config.feedForwardDims();
      double inner = config.initialDeviation();
      double intoSum = inner / Math.sqrt(2.0 * config.layers());
      NormalizationLayer norm1 = norm(name + ".ln_1");
      SelfAttention attention =
          new SelfAttention(
              linear(name + ".attn.query", d, d, inner),
              linear(name + ".attn.key", d, d, inner),
              linear(name + ".attn.value", d, d, inner),
              linear(name + ".attn.c_proj", d, d, intoSum),
              new AttentionForm(config.heads(), true));
      NormalizationLayer norm2 = norm(name + ".ln_2");
      FeedForward feedForward =
          new FeedForward(
              linear(name + ".mlp.c_fc", f, d, inner), linear(name + ".mlp.c_proj", d, f, intoSum));
      return new DecoderLayer(name, norm1, attention, norm2, feedForward);
    }

    private Linear linear(String name, int out, int in, double deviation) {
      return Linear.gaussian(name, Shape.of(out, in), deviation, space, random(name + ".weight"));
    }

    private RandomStream random(String name) {
      return RandomStream.of(seed, "initial " + name, 0, 0);
    }
  }
}
