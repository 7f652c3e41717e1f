package io.batchwright.train.model;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Shape;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.layer.EmbeddingBag;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.schedule.Schedule;
import io.batchwright.train.schedule.WarmupCosine;
import java.util.List;

/**
 * A text is the mean of its tokens' vectors, scaled to unit length.
 *
 * <pre>e(x) = u / |u|,  u = (1 / |x|) * sum over tokens t of x of E[t]     E [V, D]</pre>
 *
 * <p>No attention, no order of words: encoding costs one memory read per token, which makes it a
 * strong baseline where texts are many and processors are few. Its gradient touches only the rows
 * of the batch's tokens.
 *
 * <p><b>Deviations.</b> The reference implementation normalizes outside of the model (the
 * similarity does); here the model's output has unit length, as the exported folder's Normalize
 * module has. An empty text has the zero vector instead of not-a-number.
 *
 * <p><b>Relations.</b> The layout is the StaticEmbedding module of sentence-transformers.
 *
 * @param dims the length of a vector, D, at least 1
 * @param initialStandardDeviation of the Gaussian that fills the table, above 0
 */
@Paper(
    title = "Train 400x faster Static Embedding Models with Sentence Transformers",
    where = "sentence_transformers.models.StaticEmbedding")
public record StaticEmbedding(int dims, double initialStandardDeviation) implements Model {
  /** 1,024 dimensions and a standard normal table, as {@code torch.nn.EmbeddingBag} starts. */
  public static final StaticEmbedding PAPER = new StaticEmbedding(1024, 1);

  /** The name of the table among the parameters and in {@code model.safetensors}. */
  public static final String TABLE = "embedding.weight";

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public StaticEmbedding {
    Check.atLeast("StaticEmbedding.dims", dims, 1);
    Check.positive("StaticEmbedding.initialStandardDeviation", initialStandardDeviation);
  }

  /** The optimizer moves rows, not a deep network: rates of 0.01 to 0.2 are usual. */
  @Override
  public Schedule usualSchedule() {
    return WarmupCosine.PAPER;
  }

  @Override
  public ModelInstance build(int vocabularySize, ParameterSpace space, RandomStream random) {
    Check.atLeast("vocabulary size", vocabularySize, 1);
    Shape shape = Shape.of(vocabularySize, dims);
    return new Instance(
        new EmbeddingBag(space.gaussian(TABLE, shape, initialStandardDeviation, false, random)));
  }

  private record Instance(EmbeddingBag table) implements ModelInstance {
    @Override
    public List<Parameter> parameters() {
      return List.of(table.weight());
    }

    @Override
    public int dims() {
      return table.dims();
    }

    @Override
    public Variable encode(Graph graph, TextBatch batch, ForwardPass pass) {
      Variable means = table.apply(graph, batch.tokens(), batch.cuSeqlens()); // [B, D]
      return graph.l2Normalize(means);
    }
  }
}
