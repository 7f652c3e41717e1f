package io.batchwright.jobs.bench.engine;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.loss.EmbeddingPairs;
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.model.BertConfig;
import io.batchwright.train.model.BertEncoder;
import io.batchwright.train.model.ForwardPass;
import io.batchwright.train.model.ModelInstance;
import io.batchwright.train.model.Pooling;
import io.batchwright.train.model.StaticEmbedding;
import io.batchwright.train.model.TextBatch;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.optimizer.ClipByGlobalNorm;
import io.batchwright.train.optimizer.LazyAdamW;
import io.batchwright.train.optimizer.OptimizerInstance;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;

/** Our training step on fixed tokens, one thread. */
public final class OurStep implements AutoCloseable {
  private static final double RATE = 1e-4;

  private final Backend backend;
  private final Arena run;
  private final Arena step;
  private final StepShape shape;
  private final List<Parameter> parameters;
  private final BiFunction<Graph, TextBatch, Variable> encoder;
  private final OptimizerInstance optimizer;
  private final int[] queries;
  private final int[] positives;
  private final int[] offsets;
  private boolean ownsBackend;

  OurStep(StepShape shape, boolean lazy) {
    this(shape, lazy, Backends.cpu());
    ownsBackend = true;
  }

  /**
   * A model with parameters of its own.
   *
   * @param lazy whether only touched rows of the token table are updated
   * @param backend stays open when the step is closed
   */
  public OurStep(StepShape shape, boolean lazy, Backend backend) {
    this.backend = backend;
    this.run = backend.arena("run");
    this.step = backend.arena("step");
    this.shape = shape;
    if (shape.layers() == 0) {
      ModelInstance model =
          new StaticEmbedding(shape.dims(), 0.02)
              .build(shape.vocabulary(), backend, run, RandomStream.of(1, "table", 0, 0));
      parameters = model.parameters();
      encoder = (g, texts) -> model.encode(g, texts, ForwardPass.EVALUATION);
    } else {
      BertEncoder model =
          new BertEncoder(config(shape), new ParameterSpace(backend, run, DType.F32), 1);
      parameters = model.parameters();
      encoder =
          (g, texts) -> g.l2Normalize(model.encode(g, texts, Pooling.MEAN, ForwardPass.EVALUATION));
    }
    optimizer =
        lazy
            ? LazyAdamW.PAPER.build(parameters, backend, run)
            : AdamW.PAPER.build(parameters, backend, run);
    queries = shape.tokens(0);
    positives = shape.tokens(1);
    offsets = new int[shape.pairs() + 1];
    Arrays.setAll(offsets, i -> i * shape.length());
  }

  private static BertConfig config(StepShape shape) {
    return new BertConfig(
        shape.vocabulary(),
        shape.dims(),
        shape.layers(),
        shape.heads(),
        shape.feedForward(),
        512,
        0,
        0,
        0,
        1e-12,
        0.02);
  }

  /** Takes a step and returns its loss. */
  public double step() {
    step.reset();
    Graph g = new Graph(backend, step);
    long[] ids = new long[shape.pairs()];
    Variable loss =
        new InfoNce(0.05, false, false, false)
            .apply(
                g, EmbeddingPairs.singleRank(encode(g, queries), encode(g, positives), ids, ids));
    g.backward(loss);
    ClipByGlobalNorm.PAPER.clip(backend, parameters);
    optimizer.step(RATE);
    return loss.item();
  }

  /** The most memory that parameters, optimizer state and a step have taken, in bytes. */
  public long peakBytes() {
    return run.peakBytes() + step.peakBytes();
  }

  private Variable encode(Graph g, int[] tokens) {
    return encoder.apply(
        g, new TextBatch(step.ints("tokens", tokens), step.ints("offsets", offsets)));
  }

  @Override
  public void close() {
    step.close();
    run.close();
    if (ownsBackend) {
      backend.close();
    }
  }

  /** Arguments: a {@link StepShape}, {@code dense} or {@code sparse}. */
  public static void main(String[] arguments) throws IOException {
    try (OurStep step = new OurStep(StepShape.of(arguments[0]), arguments[1].equals("sparse"))) {
      StepLoop.run(line -> step.step());
    }
  }
}
