package io.batchwright.jobs.bench.negatives;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.config.Setting;
import io.batchwright.jobs.model.ModelPath;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.train.export.Encoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The trainings of one data set and batch size. The rate of an arm is the one of three whose first
 * seed does best on the tuning queries; the other seeds are trained at that rate alone.
 */
final class Trials {
  private final Laboratory laboratory;
  private final TrialSet set;
  private final int batch;
  private final Size size;
  private final Questions questions;

  /**
   * How much is trained.
   *
   * @param steps of a training
   * @param samples training pairs, those of an epoch
   * @param seeds of an arm
   * @param train whether missing trainings are run
   */
  record Size(int steps, long samples, int seeds, boolean train) {
    /** Whether there is more than one epoch, so that something can be made anew. */
    boolean refreshes(int batch) {
      return steps > samples / batch;
    }
  }

  Trials(Laboratory laboratory, TrialSet set, int batch, Size size, Questions questions) {
    this.laboratory = laboratory;
    this.set = set;
    this.batch = batch;
    this.size = size;
    this.questions = questions;
  }

  /** The results of an arm at its rate, or what is missing. */
  ArmResult of(Arm arm) throws IOException {
    if (arm.refreshed() && !size.refreshes(batch)) {
      return ArmResult.missing(
          arm, "not applicable: no refresh within %,d steps".formatted(size.steps()));
    }
    try {
      Map<Double, TrialResult> tuned = new LinkedHashMap<>();
      for (double rate : set.network().rates()) {
        Optional<TrialResult> result = result(arm, rate, 1);
        if (result.isEmpty()) {
          return ArmResult.missing(arm, "not run yet: rate %s, seed 1".formatted(rate));
        }
        tuned.put(rate, result.get());
      }
      double best =
          tuned.entrySet().stream()
              .max(Comparator.comparingDouble(entry -> tuning(entry.getValue())))
              .orElseThrow()
              .getKey();
      List<TrialResult> seeds = unbroken(size.seeds(), seed -> result(arm, best, seed));
      return new ArmResult(arm, best, seeds, "");
    } catch (BatchwrightException e) {
      return ArmResult.missing(arm, "failed: " + e.getMessage());
    }
  }

  /** Finds the result of a seed. */
  @FunctionalInterface
  interface SeedResult<R> {
    Optional<R> of(long seed) throws IOException;
  }

  /**
   * The results of the seeds from 1 on, up to the first that is missing: arms are compared seed by
   * seed, in this order.
   */
  static <R> List<R> unbroken(int seeds, SeedResult<R> results) throws IOException {
    List<R> found = new ArrayList<>();
    for (long seed = 1; seed <= seeds; seed++) {
      Optional<R> result = results.of(seed);
      if (result.isEmpty()) {
        break;
      }
      found.add(result.get());
    }
    return found;
  }

  private static double tuning(TrialResult result) {
    return result.tuning().get(Questions.NDCG.key());
  }

  private Optional<TrialResult> result(Arm arm, double rate, long seed) throws IOException {
    Trial trial = new Trial(set.name(), batch, size.steps(), arm.name(), rate, seed);
    Path folder = trial.folder(laboratory.folder());
    Optional<TrialResult> done = TrialResult.read(folder, laboratory.hadoop());
    return done.isPresent() || !size.train() ? done : Optional.of(run(arm, trial, folder));
  }

  private TrialResult run(Arm arm, Trial trial, Path folder) throws IOException {
    Ingredients made = new Ingredients(laboratory, set, batch, size.steps());
    ArmSettings settings = new ArmSettings();
    arm.change().apply(settings, made);
    List<Setting> changes = new ArrayList<>(settings.settings());
    changes.add(new Setting("train.schedule.peakRate", Double.toString(trial.rate()), "trial"));
    changes.add(new Setting("seed", Long.toString(trial.seed()), "trial"));
    int steps = size.steps() * settings.stepsTimes();
    boolean drawn =
        set.network() == Network.STATIC
            && trial.seed() == LearningCurve.SEED
            && steps >= LearningCurve.LEAST_STEPS;
    if (drawn) {
      changes.addAll(LearningCurve.settings(steps));
    }
    laboratory.train(set, batch, steps, changes, folder);
    Questions.Scores scores;
    try (Encoder encoder = ModelPath.of(folder.toString(), laboratory.hadoop()).open()) {
      scores = questions.score(encoder);
    }
    ObjectNode record = laboratory.tables(folder).record();
    BatchFigures batches = BatchFigures.of(record);
    TrialResult result =
        new TrialResult(
            record.at("/metrics/train_steps").asLong(),
            laboratory.seconds(folder),
            made.seconds(),
            made.used(),
            scores.tuning(),
            scores.test(),
            scores.ndcg(),
            batches,
            arm.refreshed() ? lastHardness(folder) : Double.NaN,
            drawn
                ? LearningCurve.of(folder, steps, questions, laboratory.hadoop())
                : Collections.emptySortedMap());
    result.write(folder, laboratory.hadoop());
    laboratory.prune(folder);
    folder.getFileSystem(laboratory.hadoop()).delete(new Path(folder, "model"), true);
    laboratory
        .bench()
        .say(
            "  %s",
            String.format(
                Locale.ROOT,
                "%s, %d pairs a step, %s, rate %s, seed %d: nDCG@10 %.4f (tuning %.4f), %.0f s%s",
                set.name(),
                batch,
                arm.name(),
                trial.rate(),
                trial.seed(),
                result.test().get(Questions.NDCG.key()),
                tuning(result),
                result.seconds(),
                batches.remnant()
                    ? "; WARNING: trained on %d %% of the pairs"
                        .formatted(Math.round(100 * batches.left()))
                    : ""));
    return result;
  }

  /** By ingredients of its own, whose time is not the arm's. */
  private double lastHardness(Path folder) throws IOException {
    Ingredients looked = new Ingredients(laboratory, set, batch, size.steps());
    RunTables vectors = laboratory.tables(new Path(looked.vectors(Ingredients.MINER)));
    return new LastEpoch(laboratory.spark(), laboratory.tables(folder), laboratory.prepared(set))
        .hardness(vectors);
  }
}
