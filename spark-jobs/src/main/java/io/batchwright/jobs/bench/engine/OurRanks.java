package io.batchwright.jobs.bench.engine;

import io.batchwright.data.batch.RoleBatch;
import io.batchwright.data.batch.StepBatch;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.train.collective.Collective;
import io.batchwright.train.collective.Ranks;
import io.batchwright.train.model.ModelInstance;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.optimizer.ClipByGlobalNorm;
import io.batchwright.train.schedule.Constant;
import io.batchwright.train.step.NotFinite;
import io.batchwright.train.step.TrainStep;
import io.batchwright.train.step.Trainee;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Phaser;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The steps of {@link OurStep} by several ranks, as {@code train} takes them on a machine of as
 * many cores: each rank is a thread with its share of the pairs and all parameters, the loss is
 * over the pairs of all, and gradients are summed over loopback. A step ends when the last rank is
 * done.
 */
final class OurRanks {
  private static final Ranks.Link LINK = new Ranks.Link(Duration.ofMinutes(10), false, 2);

  private final Collective ranks;
  private final TrainStep step;
  private final StepBatch pairs;
  private final Phaser together;

  private OurRanks(Collective ranks, TrainStep step, StepBatch pairs, Phaser together) {
    this.ranks = ranks;
    this.step = step;
    this.pairs = pairs;
    this.together = together;
  }

  /** Arguments: a {@link StepShape}, the number of ranks. */
  public static void main(String[] arguments) throws Exception {
    StepShape shape = StepShape.of(arguments[0]);
    int world = Integer.parseInt(arguments[1]);
    Phaser together = new Phaser(world);
    Ranks.run(world, LINK, ranks -> train(ranks, shape, together));
  }

  private static Void train(Collective ranks, StepShape shape, Phaser together) throws IOException {
    try (Backend backend = Backends.cpu();
        Arena run = backend.arena("run");
        Arena activations = run.child("step")) {
      ModelInstance model = StepModel.of(shape, backend, run);
      Trainee trainee =
          new Trainee(
              1,
              model,
              OurStep.LOSS,
              AdamW.PAPER.build(model.parameters(), backend, run),
              new Constant(OurStep.RATE, 0, 0),
              Long.MAX_VALUE, // as many as are asked for
              ClipByGlobalNorm.PAPER.maxNorm(),
              NotFinite.FAIL);
      try (TrainStep step = new TrainStep(trainee, ranks, backend, activations, 0)) {
        new OurRanks(ranks, step, share(shape, ranks), together).run();
      }
    } finally {
      together.forceTermination(); // nobody waits for a rank that has ended, or failed
    }
    return null;
  }

  private void run() throws IOException {
    if (ranks.rank() == 0) {
      StepLoop.run(line -> step());
      return;
    }
    while (together.arriveAndAwaitAdvance() >= 0) {
      take();
    }
  }

  /** Has all ranks take a step. */
  private double step() {
    together.arriveAndAwaitAdvance();
    return take();
  }

  /** This rank's part of a step, and the wait for the others'; returns the loss of all pairs. */
  private double take() {
    double loss = step.run(pairs, 0).loss();
    together.arriveAndAwaitAdvance();
    return loss;
  }

  /** This rank's part of the pairs. */
  private static StepBatch share(StepShape shape, Collective ranks) {
    int from = shape.pairs() * ranks.rank() / ranks.world();
    int to = shape.pairs() * (ranks.rank() + 1) / ranks.world();
    float[] weights = new float[to - from];
    Arrays.fill(weights, 1);
    SortedMap<String, RoleBatch> roles = new TreeMap<>();
    roles.put("query", texts(shape, 0, from, to));
    roles.put("positive", texts(shape, 1, from, to));
    long[] samples = LongStream.range(from, to).toArray();
    return new StepBatch(
        0, 0, IntStream.range(from, to).toArray(), samples, samples, weights, roles);
  }

  private static RoleBatch texts(StepShape shape, int role, int from, int to) {
    int length = shape.length();
    int[] tokens = Arrays.copyOfRange(shape.tokens(role), from * length, to * length);
    return new RoleBatch(
        tokens,
        IntStream.rangeClosed(0, to - from).map(i -> i * length).toArray(),
        IntStream.range(0, tokens.length).map(i -> i % length).toArray(),
        LongStream.range(from, to).toArray());
  }
}
