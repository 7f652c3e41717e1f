package io.batchwright.train.step;

import io.batchwright.data.batch.StepBatch;
import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.train.collective.Collective;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.loss.EmbeddingPairs;
import io.batchwright.train.model.ForwardPass;
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
  private Variable queries;

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
    this.reducer = new GradientReducer(ranks, backend, trainee.parameters());
  }

  /** Steps taken so far, those before this object existed included. */
  public long stepsTaken() {
    return stepsTaken;
  }

  /**
   * Takes one step.
   *
   * @param batch this rank's part of the global batch, with one query, one positive and equally
   *     many negatives a sample
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
    Variable loss = loss(g, batch, true);
    DoubleSupplier ownLoss = loss.value().scalarLater(); // while a device goes on with the gradients
    reducer.start(g, where);
    g.backward(loss, reducer::complete);

    double[] sums = {ownLoss.getAsDouble(), batch.size(), tokens(batch)};
    reducer.finish(sums, step);
    double gradNorm = clip();
    boolean finite = Double.isFinite(sums[0]) && Double.isFinite(gradNorm);
    if (!finite && trainee.onNotFinite() == NotFinite.FAIL) {
      throw new NotFiniteException(stepsTaken + 1, sums[0], gradNorm);
    }

    double rate = trainee.schedule().rate(stepsTaken, trainee.totalSteps());
    if (finite) {
      trainee.optimizer().step(rate);
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
   * The loss of a batch without an update: the mean over the global batch, the same on every rank.
   *
   * @param batch this rank's part of the global batch
   */
  public double lossOf(StepBatch batch) {
    ranks.position("validation after step " + stepsTaken);
    step.reset();
    double[] sum = {loss(new Graph(backend, step), batch, false).value().scalar()};
    ranks.allReduce(sum);
    return sum[0];
  }

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
        : encode(new Graph(backend, step), batch, role, false).value().toFloats();
  }

  /** The length of the vectors, D. */
  int dims() {
    return trainee.model().dims();
  }

  /**
   * The vectors that this rank's queries had in the last step, before its update; [b, D] one after
   * the other.
   */
  public float[] queries() {
    return queries.value().toFloats();
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

  /** This rank's share of the loss; summed over ranks it is the global mean. */
  private Variable loss(Graph g, StepBatch batch, boolean training) {
    EmbeddingPairs pairs =
        new PairGathering(ranks, trainee.loss())
            .gather(g, batch, role -> encode(g, batch, role, training));
    queries = pairs.queries();
    return trainee.loss().apply(g, pairs);
  }

  private Variable encode(Graph g, StepBatch batch, String role, boolean training) {
    ForwardPass pass =
        training
            ? new ForwardPass(true, trainee.seed(), stepsTaken, role, batch.places(role))
            : ForwardPass.EVALUATION;
    return new RoleEncoding(trainee.model(), trainee.loss().textsAtOnce(), step)
        .encode(g, batch.role(role), pass);
  }

  /** Every rank has the same gradients by now, and so finds the same norm. */
  private double clip() {
    return trainee.clipNorm() > 0
        ? new ClipByGlobalNorm(trainee.clipNorm()).clip(backend, trainee.parameters())
        : ClipByGlobalNorm.norm(backend, trainee.parameters());
  }

  private static long tokens(StepBatch batch) {
    return batch.roles().values().stream().mapToLong(role -> role.tokens().length).sum();
  }
}
