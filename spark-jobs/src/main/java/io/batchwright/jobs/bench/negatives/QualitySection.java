package io.batchwright.jobs.bench.negatives;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.Tier;
import io.batchwright.jobs.bench.TrialsRecipe;
import io.batchwright.jobs.run.RunTables;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What arms do for a model: trainings that differ in how negatives are chosen and in nothing else.
 */
final class QualitySection {
  /** The batch size whose figures become metrics. */
  static final int BATCH = 256;

  private static final List<String> QUICK_ARMS = List.of("A0", "A2", "A4", "C1");
  private static final int QUICK_STEPS = 480;
  private static final int QUICK_SEEDS = 2;

  void measure(Bench bench) throws IOException {
    TrialsRecipe asked = bench.recipe().trials();
    Laboratory laboratory = Laboratory.of(bench);
    List<SetResults> results = new ArrayList<>();
    for (TrialSet set : sets(bench)) {
      Optional<String> missing = set.data().missing(bench.recipe());
      if (missing.isPresent()) {
        bench.say("  %s: %s", set.name(), missing.get());
        Figures.missing(bench, set, missing.get());
        continue;
      }
      RunTables prepared = laboratory.prepared(set);
      Questions questions = Questions.of(bench.spark(), prepared, set.data());
      for (int batch : batches(bench, set)) {
        long samples = prepared.rows("samples");
        Trials.Size size =
            new Trials.Size(
                steps(bench, set, batch, samples), samples, seeds(bench, set), asked.train());
        Trials trials = new Trials(laboratory, set, batch, size, questions);
        List<ArmResult> arms = new ArrayList<>();
        for (Arm arm : arms(bench, set)) {
          arms.add(trials.of(arm));
        }
        results.add(
            new SetResults(
                set,
                batch,
                size.steps(),
                samples,
                questions.documents(),
                questions.tuning(),
                questions.groups(),
                arms));
      }
    }
    new Figures(new Findings(results)).publish(bench);
    new InjectionFindings(results).publish(bench);
  }

  private static List<TrialSet> sets(Bench bench) {
    List<String> asked = bench.recipe().trials().sets();
    List<String> known = TrialSet.ALL.stream().map(TrialSet::name).toList();
    requireKnown("trials.sets", asked, known);
    return TrialSet.ALL.stream()
        .filter(
            set ->
                asked.isEmpty()
                    ? full(bench) || set.name().equals(known.get(0))
                    : asked.contains(set.name()))
        .toList();
  }

  private static List<Arm> arms(Bench bench, TrialSet set) {
    List<String> asked = bench.recipe().trials().arms();
    requireKnown("trials.arms", asked, Arm.ALL.stream().map(Arm::name).toList());
    List<String> ofTier = full(bench) ? set.arms() : QUICK_ARMS;
    List<String> wanted = asked.isEmpty() ? ofTier : asked;
    return Arm.ALL.stream().filter(arm -> wanted.contains(arm.name())).toList();
  }

  private static List<Integer> batches(Bench bench, TrialSet set) {
    List<Integer> asked = bench.recipe().trials().batches();
    return !asked.isEmpty() ? asked : full(bench) ? set.batches() : List.of(BATCH);
  }

  /**
   * Steps of a training.
   *
   * @param samples training pairs of the set
   */
  static int steps(Bench bench, TrialSet set, int batch, long samples) {
    int asked = bench.recipe().trials().steps();
    return asked > 0 ? asked : full(bench) ? set.steps(batch, samples) : QUICK_STEPS;
  }

  private static int seeds(Bench bench, TrialSet set) {
    int asked = bench.recipe().trials().seeds();
    return asked > 0 ? asked : full(bench) ? set.seeds() : QUICK_SEEDS;
  }

  private static boolean full(Bench bench) {
    return bench.recipe().tier() == Tier.FULL;
  }

  private static void requireKnown(String key, List<String> asked, List<String> known) {
    for (String name : asked) {
      if (!known.contains(name)) {
        throw BatchwrightException.usage(
            String.format(Locale.ROOT, "%s: there is no %s, only %s.", key, name, known));
      }
    }
  }
}
