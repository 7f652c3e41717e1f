package io.batchwright.jobs.bench.negatives;

import io.batchwright.data.token.Tokenizer;
import io.batchwright.jobs.config.Setting;
import io.batchwright.jobs.run.TextFile;
import io.batchwright.train.checkpoint.Checkpoints;
import io.batchwright.train.checkpoint.Weights;
import io.batchwright.train.export.StaticEncoder;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What a static embedding finds after parts of its training: nDCG@10 on the test queries, from
 * checkpoints. It is drawn of one seed, since looking takes time.
 */
final class LearningCurve {
  /** The seed whose curve is drawn, trained at the best rate alone. */
  static final long SEED = 2;

  /** Parts of the steps, in percent. */
  static final List<Integer> PERCENT = List.of(10, 25, 50);

  private static final int SPACING = 5;

  /** Shorter trainings have no checkpoint for each part. */
  static final int LEAST_STEPS = 100 / SPACING;

  /** Checkpoints to keep: all, also those at the ends of epochs where batches are made anew. */
  private static final int ALL = 1_000_000;

  private LearningCurve() {}

  /** What a training must keep. */
  static List<Setting> settings(int steps) {
    return List.of(
        new Setting("train.checkpointEverySteps", Integer.toString(every(steps)), "curve"),
        new Setting("train.keepCheckpoints", Integer.toString(ALL), "curve"));
  }

  private static int every(int steps) {
    return steps / LEAST_STEPS;
  }

  /**
   * The figures by percent of the steps.
   *
   * @param run a finished training that was given {@link #settings}
   */
  static SortedMap<Integer, Double> of(
      Path run, int steps, Questions questions, Configuration hadoop) throws IOException {
    Checkpoints checkpoints = new Checkpoints(run.toString(), hadoop);
    String tokenizer = TextFile.read(new Path(run, "tokenizer.json"), hadoop);
    SortedMap<Integer, Double> curve = new TreeMap<>();
    for (int percent : PERCENT) {
      long step = (long) percent / SPACING * every(steps);
      Weights table = checkpoints.parameters(checkpoints.at(step)).get(0);
      try (StaticEncoder encoder = StaticEncoder.of(Tokenizer.load(tokenizer), rows(table))) {
        curve.put(percent, questions.score(encoder).test().get(Questions.NDCG.key()));
      }
    }
    return curve;
  }

  private static float[][] rows(Weights table) {
    int dims = table.dims()[1];
    return IntStream.range(0, table.dims()[0])
        .mapToObj(row -> Arrays.copyOfRange(table.values(), row * dims, (row + 1) * dims))
        .toArray(float[][]::new);
  }
}
