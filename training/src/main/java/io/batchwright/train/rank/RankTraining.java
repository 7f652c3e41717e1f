package io.batchwright.train.rank;

import io.batchwright.data.batch.ShardManifest;
import io.batchwright.data.batch.ShardReader;
import io.batchwright.data.batch.StepBatch;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.checkpoint.Attempt;
import io.batchwright.train.checkpoint.MemoryBank;
import io.batchwright.train.checkpoint.Position;
import io.batchwright.train.checkpoint.WeightsHash;
import io.batchwright.train.collective.Collective;
import io.batchwright.train.collective.RankFailure;
import io.batchwright.train.graph.ParameterGroup;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.step.LanguageObjective;
import io.batchwright.train.step.NotFiniteException;
import io.batchwright.train.step.Objective;
import io.batchwright.train.step.PairObjective;
import io.batchwright.train.step.StepReport;
import io.batchwright.train.step.TrainStep;
import io.batchwright.train.step.Trainee;
import io.batchwright.train.step.Validation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;

/**
 * The whole of one rank's work, from the first batch to the last checkpoint. It knows nothing of
 * Spark.
 */
final class RankTraining {
  private final TrainSpec spec;
  private final TrainRecipe recipe;
  private final Attempt attempt;
  private final Collective ranks;
  private final Configuration hadoop;
  private final Path staging;
  private final Consumer<StepReport> live;
  private final MemoryBank bank;

  private long plannedSteps;
  private long stepsTaken;
  private long skipped;
  private double lossOfLastStep = Double.NaN;
  private double stepSeconds;
  private double computeSeconds;
  private double waitSeconds;
  private double dataSeconds;

  /**
   * @param staging folder on local disk for copies of remote shards
   * @param live hears of each step of this rank
   */
  RankTraining(
      TrainSpec spec,
      Attempt attempt,
      Collective ranks,
      Configuration hadoop,
      Path staging,
      Consumer<StepReport> live)
      throws IOException {
    this.spec = spec;
    this.recipe = spec.recipe();
    this.attempt = attempt;
    this.ranks = ranks;
    this.hadoop = hadoop;
    this.staging = staging;
    this.live = live;
    this.bank = new MemoryBank(spec.directory(), hadoop);
  }

  /** {@link #run(String, int)} with the first GPU, if the recipe wants one. */
  RankReport run(String host) throws IOException {
    return run(host, 0);
  }

  /**
   * Trains to where the run or this part of it ends, from the newest checkpoint if there is one.
   *
   * @param gpu which GPU to use if the recipe wants one, counted over those that are visible
   */
  RankReport run(String host, int gpu) throws IOException {
    long limit = recipe.memoryPerRankBytes() == 0 ? Long.MAX_VALUE : recipe.memoryPerRankBytes();
    Agreement agreement = new Agreement(ranks);
    try (Backend selected =
            Backends.select(recipe.backend(), gpu, recipe.precision(), recipe.threads());
        Backend backend = selected.choosing(agreement.ofRank(0, selected.choices()));
        Arena memory = backend.arena("rank " + ranks.rank(), limit);
        Arena step = memory.child("step")) {
      List<ShardManifest> epochs = manifests();
      agreement.require(epochs, spec);
      Trainee trainee = build(backend, memory, epochs);
      String key = "%s, %d ranks".formatted(backend.provider(), ranks.world());
      try (TrainingState state = new TrainingState(trainee, ranks, spec, attempt, key, hadoop)) {
        agreement
            .otherProvider(backend.provider())
            .filter(said -> ranks.rank() == 0)
            .ifPresent(state::warn);
        Position start = state.resume();
        try (TrainStep trainStep = new TrainStep(trainee, ranks, backend, step, start.step())) {
          String failure = train(epochs, start, trainStep, state);
          long ends = failure.isEmpty() ? state.settle(trainStep.stepsTaken()) : -1;
          ranks.position("the end");
          ranks.barrier();
          plannedSteps = trainee.totalSteps();
          return report(host, start, trainStep, ends, memory.peakBytes(), state, failure);
        }
      }
    }
  }

  /** Returns why training ended early on all ranks alike, or nothing. */
  private String train(
      List<ShardManifest> epochs, Position start, TrainStep trainStep, TrainingState state)
      throws IOException {
    String failure = "";
    try {
      for (int epoch = start.epoch(); epoch < epochs.size() && !state.impatient(); epoch++) {
        long first = epoch == start.epoch() ? start.stepInEpoch() : 0;
        runEpoch(epochs.get(epoch), first, trainStep, state);
      }
      if (start.epoch() < epochs.size()) {
        bank.write(trainStep.stepsTaken(), ranks.rank());
        state.save(trainStep.stepsTaken(), epochs.size(), 0);
      }
    } catch (NotFiniteException e) {
      failure = e.getMessage();
    } catch (RankFailure e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Before anything is closed, or the others would hear of a lost rank first.
      ranks.abort(String.valueOf(e.getMessage()));
      throw e;
    }
    state.finish();
    return failure;
  }

  private Trainee build(Backend backend, Arena memory, List<ShardManifest> epochs) {
    RandomStream random = BarrierTraining.initialValues(spec.provenance().seed());
    Objective objective = objective(new ParameterSpace(backend, memory, DType.F32), random);
    try {
      ParameterGroup.assign(recipe.parameterGroups(), objective.parameters());
    } catch (IllegalArgumentException e) {
      throw BatchwrightException.usage("train.parameterGroups: " + e.getMessage());
    }
    return new Trainee(
        spec.provenance().seed(),
        objective,
        recipe.optimizer().build(objective.parameters(), backend, memory),
        recipe.schedule(),
        totalSteps(epochs),
        recipe.clipNorm(),
        recipe.onNotFinite());
  }

  /** A language model, or an encoder with a loss over pairs. */
  private Objective objective(ParameterSpace space, RandomStream random) {
    return recipe.objective().onTokens()
        ? LanguageObjective.build(
            recipe.objective(), recipe.model(), spec.vocabulary(), space, random)
        : new PairObjective(
            recipe.model().build(spec.vocabulary().size(), space, random), recipe.loss());
  }

  /** Steps of all epochs; those that are not planned yet count as the last that is. */
  private long totalSteps(List<ShardManifest> epochs) {
    long known = epochs.stream().mapToLong(ShardManifest::steps).sum();
    long later = recipe.epochs() - epochs.size();
    long all = known + later * epochs.get(epochs.size() - 1).steps();
    return spec.maximumSteps() == 0 ? all : Math.min(all, spec.maximumSteps());
  }

  private List<ShardManifest> manifests() throws IOException {
    List<ShardManifest> epochs = new ArrayList<>();
    for (int epoch = 0; epoch < spec.untilEpoch(); epoch++) {
      epochs.add(ShardManifest.read(spec.shards(), epoch, hadoop));
    }
    return epochs;
  }

  private void runEpoch(ShardManifest epoch, long first, TrainStep trainStep, TrainingState state)
      throws IOException {
    ShardReader.RankOf self = new ShardReader.RankOf(ranks.rank(), ranks.world());
    try (ShardReader reader = ShardReader.open(spec.shards(), epoch, self, staging, hadoop)) {
      reader.seek(first);
      try (ReadAhead<StepBatch> batches = new ReadAhead<>(reader)) {
        for (long next = first; next < epoch.steps() && !state.impatient(); next++) {
          long asked = System.nanoTime();
          StepBatch batch = batches.next();
          StepReport report = trainStep.run(batch, (System.nanoTime() - asked) / 1e9);
          if (spec.memoryBank()) {
            bank.add(trainStep.stepsTaken(), batch.samples(), trainStep.queries());
          }
          boolean last = next + 1 == epoch.steps();
          boolean end = last && epoch.epoch() + 1 == recipe.epochs();
          boolean checkpoint = trainStep.stepsTaken() % recipe.checkpointEverySteps() == 0;
          record(checkpoint || end ? validated(report, trainStep) : report, state);
          if (checkpoint) {
            int nextEpoch = epoch.epoch() + (last ? 1 : 0);
            bank.write(trainStep.stepsTaken(), ranks.rank());
            state.save(trainStep.stepsTaken(), nextEpoch, last ? 0 : next + 1);
          }
          state.poll();
        }
      }
    }
  }

  /** {@code report} with what the validation batches say, where there are any. */
  private StepReport validated(StepReport report, TrainStep trainStep) throws IOException {
    if (spec.validation().isEmpty()) {
      return report;
    }
    ShardManifest manifest = ShardManifest.read(spec.validation(), 0, hadoop);
    ShardReader.RankOf self = new ShardReader.RankOf(ranks.rank(), ranks.world());
    try (ShardReader reader =
        ShardReader.open(spec.validation(), manifest, self, staging, hadoop)) {
      return report.with(
          new Validation(recipe.validation().maximumPairs())
              .of(reader, manifest.samplesPerStep(), trainStep, ranks));
    }
  }

  private void record(StepReport report, TrainingState state) {
    stepsTaken++;
    skipped += report.skipped() ? 1 : 0;
    lossOfLastStep = report.loss();
    stepSeconds += report.stepSeconds();
    computeSeconds += report.computeSeconds();
    waitSeconds += report.waitSeconds();
    dataSeconds += report.dataSeconds();
    state.record(report);
    live.accept(report);
  }

  private RankReport report(
      String host,
      Position start,
      TrainStep trainStep,
      long ends,
      long peakBytes,
      TrainingState state,
      String failure) {
    long steps = trainStep.stepsTaken();
    return new RankReport(
        ranks.rank(),
        host,
        attempt.stage(),
        steps,
        stepsTaken,
        skipped,
        lossOfLastStep,
        start.step() == 0 ? -1 : start.step(),
        ends,
        state.best(),
        state.impatient() && steps < plannedSteps,
        WeightsHash.of(state.parameters()),
        stepSeconds,
        computeSeconds,
        trainStep.reduceSeconds(),
        waitSeconds,
        dataSeconds,
        trainStep.bytesSent(),
        peakBytes,
        state.lastCheckpoint(),
        state.determinismKey(),
        state.warnings(),
        failure);
  }
}
