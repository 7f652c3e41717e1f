package io.batchwright.jobs.pipeline;

import io.batchwright.data.batch.ShardManifest;
import io.batchwright.jobs.model.ModelPath;
import io.batchwright.jobs.model.ShippedModel;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.TextFile;
import io.batchwright.train.checkpoint.MemoryBank;
import io.batchwright.train.rank.TrainResult;
import io.batchwright.train.step.StepReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Training in parts, with batches of the later parts made by the model of an earlier one.
 *
 * <pre>
 * synchronous:   train 0 | refresh 1 | train 1 | refresh 2 | train 2
 * asynchronous:  train 0 | train 1, meanwhile refresh 2 by the weights after 0 | train 2, meanwhile 3 ...
 * </pre>
 *
 * <p>The weights of a refresh lie as a model folder in {@code refresh/epoch-E/model} (but for those
 * of a memory bank, whose vectors lie there themselves), so that a run that was cut makes the same
 * batches again. A refresh that runs beside training gets the slots that the ranks leave free;
 * where they leave none it waits for them, and training for it.
 */
final class RefreshedTraining {
  private static final Logger LOG = LoggerFactory.getLogger(RefreshedTraining.class);

  private final Training training;
  private final StageContext context;
  private final long steps;
  private final RefreshRecipe refresh;
  private final RefreshedEpochs epochs;
  private final List<Refresh> refreshes = new ArrayList<>();
  private TrainResult result;
  private int trained;
  private int ready;

  /**
   * @param planned epochs that were planned before training
   */
  RefreshedTraining(Training training, StageContext context, Planned planned) {
    this.training = training;
    this.context = context;
    this.steps = planned.steps();
    this.ready = planned.epochs();
    this.refresh = training.recipe().batches().refresh();
    this.epochs = new RefreshedEpochs(training.recipe(), planned.tokenizerSha256());
  }

  /**
   * What stands before training.
   *
   * @param steps of all epochs, as far as they are known
   * @param epochs whose shards are written
   */
  record Planned(long steps, int epochs, String tokenizerSha256) {}

  /** What was refreshed, once it ran. */
  List<Refresh> refreshes() {
    return refreshes;
  }

  /** Trains all epochs, or as many steps as the recipe says at most. */
  TrainResult run() throws IOException {
    int all = training.recipe().train().epochs();
    int maximum = training.recipe().batches().maximumSteps();
    List<Integer> before = refresh.before(all);
    for (int i = 0; i < before.size(); i++) {
      int epoch = before.get(i);
      if (ready < epoch || (maximum > 0 && stepsBefore(epoch) >= maximum)) {
        break;
      }
      train(refresh.epochsSeen(epoch), report -> {});
      make(epoch, i + 1 < before.size() ? before.get(i + 1) : all, weights(epoch));
      if (refresh.fromBank()) { // the last epoch's vectors stay for texts that the next will miss
        new MemoryBank(context.dir().toString(), context.spark().sessionState().newHadoopConf())
            .dropUntil(stepsBefore(epoch - 1));
      }
    }
    train(ready, report -> {});
    return result;
  }

  /** Sees to it that the epochs before {@code to} are written, from {@code epoch} on. */
  private void make(int epoch, int to, RefreshWeights weights) throws IOException {
    int written = epochs.written(context, epoch, weights);
    if (written > epoch) {
      epochs.layOut(context, epoch, written, weights);
      ready = written;
      told(epoch, weights, 0, 0);
    } else if (refresh.epochsSeen(epoch) == epoch) {
      long start = System.nanoTime();
      ready = epochs.write(context, epoch, to, stepsBefore(epoch), weights);
      double seconds = (System.nanoTime() - start) / 1e9;
      told(epoch, weights, seconds, seconds);
    } else {
      beside(epoch, to, weights);
    }
  }

  private void train(int until, Consumer<StepReport> heard) throws IOException {
    if (until <= trained) {
      return;
    }
    TrainResult part = training.run(context, context.dir(), steps, until, heard);
    result = result == null ? part : part.after(result);
    trained = until;
  }

  /** The weights of now, which a launch before this one may have kept already. */
  private RefreshWeights weights(int epoch) throws IOException {
    Configuration hadoop = context.spark().sessionState().newHadoopConf();
    Path folder = new Path(context.dir(), "refresh/epoch-%05d".formatted(epoch));
    Path model = new Path(folder, TrainStage.MODEL);
    Path complete = new Path(folder, "weights.txt");
    if (!complete.getFileSystem(hadoop).exists(complete)) {
      long now = result.steps();
      long expected = stepsBefore(refresh.epochsSeen(epoch));
      if (now != expected) {
        throw new IllegalStateException(
            "the weights after step %,d are gone, training is at step %,d; remove %s to train from the start"
                .formatted(expected, now, new Path(context.dir(), "checkpoints")));
      }
      if (!refresh.fromBank()) {
        new ModelFolder(training.recipe(), training.origin())
            .write(context, training.weights(context, context.dir()), model, result);
      }
      TextFile.write(complete, result.weightsSha256() + "\n", context);
    }
    return new RefreshWeights(
        TextFile.read(complete, context).strip(),
        refresh.fromBank()
            ? Optional.empty()
            : Optional.of(ShippedModel.of(ModelPath.of(model.toString(), hadoop))));
  }

  /** Makes the batches of {@code epoch} while the epoch before it trains. */
  private void beside(int epoch, int to, RefreshWeights weights) throws IOException {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    CountDownLatch started = new CountDownLatch(1);
    long before = stepsBefore(epoch);
    long[] nanos = new long[1];
    Callable<Integer> body =
        () -> {
          started.await(); // a barrier stage must find its slots free
          long start = System.nanoTime();
          int written = epochs.write(context, epoch, to, before, weights);
          nanos[0] = System.nanoTime() - start;
          return written;
        };
    try {
      Future<Integer> made = thread.submit(body);
      train(epoch, report -> started.countDown());
      started.countDown();
      long waited = System.nanoTime();
      ready = made.get();
      told(epoch, weights, nanos[0] / 1e9, (System.nanoTime() - waited) / 1e9);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("the refresh before epoch %d failed".formatted(epoch), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted in the refresh before epoch " + epoch, e);
    } finally {
      thread.shutdownNow();
    }
  }

  private void told(int epoch, RefreshWeights weights, double seconds, double wait)
      throws IOException {
    long seen = stepsBefore(refresh.epochsSeen(epoch));
    Refresh done =
        new Refresh(
            epoch,
            ready - epoch,
            refresh.epochsSeen(epoch),
            stepsBefore(epoch) - seen,
            stepsBefore(ready) - seen,
            seconds,
            wait,
            weights.sha256());
    refreshes.add(done);
    String said =
        String.format(
            Locale.ROOT,
            "refresh before epoch %d: weights %d steps old, %d at the end of epoch %d; %.1f s, training waited %.1f s",
            epoch,
            done.stalenessSteps(),
            done.stalenessAtEnd(),
            ready - 1,
            seconds,
            wait);
    LOG.info(said);
    context.progress().note(said);
  }

  /** Steps of the epochs before {@code epoch}, whose shards are written. */
  private long stepsBefore(int epoch) throws IOException {
    Configuration hadoop = context.spark().sessionState().newHadoopConf();
    String shards = new Path(context.dir(), PlanStage.SHARDS).toString();
    long sum = 0;
    for (int e = 0; e < epoch; e++) {
      sum += ShardManifest.read(shards, e, hadoop).steps();
    }
    return sum;
  }
}
