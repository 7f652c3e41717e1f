package io.batchwright.train.step;

import io.batchwright.data.batch.StepBatch;
import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.train.collective.Collective;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.optimizer.ClipByGlobalNorm;
import java.util.function.DoubleSupplier;

/**
 * One synchronized step: all ranks forward and backward over their part of the global batch, the
 * same update everywhere.
 *
 * <p>Ranks may hold different numbers of samples, or none; the loss is divided by the global count,
 * so the result does not depend on how the batch is spread. Parameters stay bit-identical on all
 * ranks, since each applies the same sums.
 */
public final class TrainStep implements AutoCloseable {
  private final Trainee trainee;
  private final Collective ranks;
  private final Backend backend;
  private final Arena step;
  private final GradientReducer reducer;
  private long stepsTaken;

  /**
   * A step that goes on after {@code stepsTaken} steps. All ranks make theirs at the same time.
   *
   * @param step arena of activations and gradients; it is reset at the start of each step
   */
  public TrainStep(
      Trainee trainee, Collective ranks, Backend backend, Arena step, long stepsTaken) {
    this.trainee = trainee;
    this.ranks = ranks;
    this.backend = backend;
    this.step = step;
    this.stepsTaken = stepsTaken;
    if (backend.prefersRepetition()) {
      step.keepPlaces();
    }
    this.reducer = new GradientReducer(ranks, backend, trainee.parameters());
  }

  /** Steps taken so far, those before this object existed included. */
  public long stepsTaken() {
    return stepsTaken;
  }

  /**
   * Takes one step.
   *
   * @param batch this rank's part of the global batch: pairs with equally many negatives a sample,
   *     or packed sequences
   * @param dataSeconds how long the caller waited for the batch
   * @throws NotFiniteException on every rank, before anything is updated
   */
  public StepReport run(StepBatch batch, double dataSeconds) {
    long start = System.nanoTime();
    double waitedBefore = waitSeconds();
    String where = "step " + (stepsTaken + 1);
    ranks.position(where);
    step.reset();
    trainee.parameters().forEach(parameter -> parameter.clearGradient());

    Graph g = new Graph(backend, step);
    Variable loss = trainee.objective().loss(g, batch, pass(true)).loss();
    DoubleSupplier ownLoss =
        loss.value().scalarLater(); // while a device goes on with the gradients
    reducer.start(g, where);
    g.backward(loss, reducer::complete);

    double[] sums = {ownLoss.getAsDouble(), batch.size(), tokens(batch)};
    reducer.finish(sums, step);
    // Every rank has the same gradients by now, and so finds the same norm.
    double gradNorm = ClipByGlobalNorm.norm(backend, trainee.parameters());
    boolean finite = Double.isFinite(sums[0]) && Double.isFinite(gradNorm);
    if (!finite && trainee.onNotFinite() == NotFinite.FAIL) {
      throw new NotFiniteException(stepsTaken + 1, sums[0], gradNorm);
    }

    double rate = trainee.schedule().rate(stepsTaken, trainee.totalSteps());
    if (finite) {
      trainee.optimizer().step(rate, clipFactor(gradNorm));
    }
    stepsTaken++;

    double seconds = (System.nanoTime() - start) / 1e9;
    double waited = waitSeconds() - waitedBefore;
    return new StepReport(
        batch.epoch(),
        stepsTaken,
        sums[0],
        rate,
        gradNorm,
        (long) sums[1],
        (long) sums[2],
        !finite,
        ValidationScores.NONE,
        seconds + dataSeconds,
        seconds - waited,
        waited,
        dataSeconds);
  }

  /**
   * The loss of a batch without an update, the same on every rank.
   *
   * @param batch this rank's part of the global batch
   */
  public Mean lossOf(StepBatch batch) {
    ranks.position("validation after step " + stepsTaken);
    step.reset();
    Objective.Share share = trainee.objective().loss(new Graph(backend, step), batch, pass(false));
    double[] sums = {share.loss().value().scalar(), share.counted()};
    ranks.allReduce(sums);
    return new Mean(sums[0], (long) sums[1]);
  }

  /**
   * A mean loss.
   *
   * @param loss in nats
   * @param counted over how many pairs, or tokens to be named, of all ranks
   */
  public record Mean(double loss, long counted) {}

  /**
   * The vectors of a batch's texts, without an update.
   *
   * @param batch this rank's part of the global batch
   * @return [S, D], row by row
   */
  float[] embed(StepBatch batch, String role) {
    step.reset();
    return batch.size() == 0
        ? new float[0]
        : pairs().encode(new Graph(backend, step), batch, role, pass(false)).value().toFloats();
  }

  /** The length of the vectors, D. */
  int dims() {
    return pairs().dims();
  }

  /** Whether the loss is a mean over tokens. */
  boolean onTokens() {
    return trainee.objective().onTokens();
  }

  /**
   * The vectors that this rank's queries had in the last step, before its update; [b, D] one after
   * the other.
   */
  public float[] queries() {
    return pairs().queries().value().toFloats();
  }

  /** Seconds that this rank waited for others so far, in this step's work and elsewhere. */
  public double waitSeconds() {
    return ranks.waitSeconds() + reducer.waitSeconds();
  }

  /**
   * Seconds so far in which this rank did nothing but move and add what ranks exchange, without
   * waiting.
   */
  public double reduceSeconds() {
    return ranks.operationSeconds() - ranks.waitSeconds() + reducer.exposedSeconds();
  }

  /** The share of the work on dense gradients, 0 to 1, that went on beside the backward pass. */
  public double hiddenShare() {
    double all = reducer.besideSeconds();
    return all == 0 ? 0 : Math.max(0, 1 - reducer.exposedSeconds() / all);
  }

  /** Bytes that this rank sent to others so far. */
  public long bytesSent() {
    return ranks.bytesSent() + reducer.bytesSent();
  }

  @Override
  public void close() {
    reducer.close();
  }

  private Objective.Pass pass(boolean training) {
    return new Objective.Pass(ranks, step, training, trainee.seed(), stepsTaken);
  }

  private PairObjective pairs() {
    if (trainee.objective() instanceof PairObjective pairs) {
      return pairs;
    }
    throw new IllegalStateException("only pairs have vectors");
  }

  private double clipFactor(double gradNorm) {
    return trainee.clipNorm() > 0 ? new ClipByGlobalNorm(trainee.clipNorm()).factor(gradNorm) : 1;
  }

  private static long tokens(StepBatch batch) {
    return batch.roles().values().stream().mapToLong(role -> role.tokens().length).sum();
  }
}
