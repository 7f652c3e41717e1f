package io.batchwright.jobs.bench.engine;

import io.batchwright.data.batch.RoleBatch;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.kernel.Precision;
import io.batchwright.tensor.Arena;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.loss.EmbeddingPairs;
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.model.ForwardPass;
import io.batchwright.train.model.ModelInstance;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.optimizer.ClipByGlobalNorm;
import io.batchwright.train.optimizer.LazyAdamW;
import io.batchwright.train.optimizer.OptimizerInstance;
import io.batchwright.train.step.RoleEncoding;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Our training steps on fixed tokens, by one rank. */
public final class OurStep implements AutoCloseable {
  static final double RATE = 1e-4;
  static final InfoNce LOSS = new InfoNce(0.05, false, false, false);
  private static final int[] NO_POSITIONS = {}; // encoders find them themselves

  private final Backend backend;
  private final Arena run;
  private final Arena step;
  private final List<Parameter> parameters;
  private final ModelInstance model;
  private final OptimizerInstance optimizer;
  private final List<Texts> queries;
  private final List<Texts> positives;
  private boolean ownsBackend;

  /**
   * Texts of a step.
   *
   * @param tokens of one text after the other
   * @param offsets where each begins: [texts + 1]
   */
  private record Texts(int[] tokens, int[] offsets) {
    static Texts ofEqualLength(StepShape shape, int role) {
      int[] offsets = new int[shape.pairs() + 1];
      Arrays.setAll(offsets, i -> i * shape.length());
      return new Texts(shape.tokens(role), offsets);
    }

    static Texts of(MixedTexts mixed, int role, int step) {
      int[] offsets = mixed.offsets(role, step);
      return new Texts(mixed.tokens(role, step, offsets[offsets.length - 1]), offsets);
    }
  }

  OurStep(StepShape shape, StepWork work) {
    this(shape, work, Precision.FLOAT32, 1);
  }

  OurStep(StepShape shape, StepWork work, Precision precision, int threads) {
    this(shape, work, Backends.select("cpu", 0, precision, threads));
    ownsBackend = true;
  }

  /**
   * A model with parameters of its own.
   *
   * @param work which texts, and whether only touched rows of the token table are updated
   * @param backend stays open when the step is closed
   */
  public OurStep(StepShape shape, StepWork work, Backend backend) {
    this(shape, work, backend, work.mixed() ? MixedTexts.STEPS : 1);
  }

  /**
   * {@link #OurStep(StepShape, StepWork, Backend)} of so many steps, each with texts of its own if
   * lengths are mixed.
   */
  public OurStep(StepShape shape, StepWork work, Backend backend, int steps) {
    this.backend = backend;
    this.run = backend.arena("run");
    this.step = backend.arena("step");
    if (backend.prefersRepetition()) {
      step.keepPlaces();
    }
    model = StepModel.of(shape, backend, run);
    parameters = model.parameters();
    optimizer =
        work == StepWork.SPARSE
            ? LazyAdamW.PAPER.build(parameters, backend, run)
            : AdamW.PAPER.build(parameters, backend, run);
    queries = texts(shape, work, steps, 0);
    positives = texts(shape, work, steps, 1);
  }

  private static List<Texts> texts(StepShape shape, StepWork work, int steps, int role) {
    if (!work.mixed()) {
      return Collections.nCopies(steps, Texts.ofEqualLength(shape, role));
    }
    MixedTexts mixed = new MixedTexts(shape, work == StepWork.SORTED, steps);
    return IntStream.range(0, steps).mapToObj(step -> Texts.of(mixed, role, step)).toList();
  }

  /** Takes the first step and returns its loss. */
  public double step() {
    return step(0);
  }

  /** The tokens of a step's texts. */
  public long tokens(int number) {
    return (long) queries.get(number).tokens.length + positives.get(number).tokens.length;
  }

  /** Takes the step of this number, from 0 on, and returns its loss. */
  public double step(int number) {
    step.reset();
    Graph g = new Graph(backend, step);
    Texts asked = queries.get(number);
    long[] ids = new long[asked.offsets.length - 1];
    Variable loss =
        LOSS.apply(
            g,
            EmbeddingPairs.singleRank(
                encode(g, asked), encode(g, positives.get(number)), ids, ids));
    g.backward(loss);
    double norm = ClipByGlobalNorm.norm(backend, parameters);
    optimizer.step(RATE, ClipByGlobalNorm.PAPER.factor(norm));
    return loss.item();
  }

  /** The most memory that parameters, optimizer state and a step have taken, in bytes. */
  public long peakBytes() {
    return run.peakBytes() + step.peakBytes();
  }

  private Variable encode(Graph g, Texts texts) {
    int count = texts.offsets.length - 1;
    RoleBatch role = new RoleBatch(texts.tokens, texts.offsets, NO_POSITIONS, new long[count]);
    return new RoleEncoding(model, 0, step).encode(g, role, ForwardPass.EVALUATION);
  }

  @Override
  public void close() {
    step.close();
    run.close();
    if (ownsBackend) {
      backend.close();
    }
  }

  /** Arguments: a {@link StepShape}, a {@link StepWork}, a {@link Precision}, and threads or 1. */
  public static void main(String[] arguments) throws IOException {
    try (OurStep step =
        new OurStep(
            StepShape.of(arguments[0]),
            StepWork.valueOf(arguments[1]),
            Precision.valueOf(arguments[2]),
            arguments.length > 3 ? Integer.parseInt(arguments[3]) : 1)) {
      StepLoop.run(line -> step.step(StepLoop.number(line)));
    }
  }
}
