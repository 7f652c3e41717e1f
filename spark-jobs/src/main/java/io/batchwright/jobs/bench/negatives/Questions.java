package io.batchwright.jobs.bench.negatives;

import io.batchwright.jobs.pipeline.HeldOutTask;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.train.evaluation.DenseSystem;
import io.batchwright.train.evaluation.Evaluator;
import io.batchwright.train.evaluation.Metric;
import io.batchwright.train.evaluation.MetricTable;
import io.batchwright.train.evaluation.Mrr;
import io.batchwright.train.evaluation.Ndcg;
import io.batchwright.train.evaluation.RecallAtK;
import io.batchwright.train.evaluation.RetrievalTask;
import io.batchwright.train.export.Encoder;
import io.batchwright.train.export.TokenizedTask;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;

/** The held-out queries of a set over its whole corpus, those that tune and those that test. */
final class Questions {
  /** The figure that is compared. */
  static final Metric NDCG = new Ndcg(10);

  private static final Evaluator EVALUATOR =
      new Evaluator(List.of(NDCG, new Mrr(10), new RecallAtK(1), new RecallAtK(100)));
  private static final int TUNING = 1_000;
  private static final int TEST = 3_000;
  private static final int DEPTH = 100;

  private final RetrievalTask task;
  private final boolean[] tunes;
  private final List<String> groups;
  private TokenizedTask tokens;

  private Questions(RetrievalTask task, boolean[] tunes, List<String> groups) {
    this.task = task;
    this.tunes = tunes;
    this.groups = groups;
  }

  /** At most a thousand queries that tune and three thousand that test, chosen by hash. */
  static Questions of(SparkSession spark, RunTables prepared, TrialData data) {
    HeldOutTask tables = new HeldOutTask(table -> prepared.read(spark, table));
    RetrievalTask all = tables.heldOut("text");
    Map<String, String> sources = tables.sources();
    IntPredicate tuning = q -> tunes(all, q, sources, data);
    int[] chosen =
        IntStream.concat(chosen(all, tuning, TUNING), chosen(all, tuning.negate(), TEST))
            .sorted()
            .toArray();
    RetrievalTask task = all.only(chosen);
    boolean[] tunes = new boolean[chosen.length];
    for (int q = 0; q < tunes.length; q++) {
      tunes[q] = tunes(task, q, sources, data);
    }
    List<String> groups =
        IntStream.range(0, tunes.length)
            .filter(q -> !tunes[q])
            .mapToObj(q -> data.group(task.queries().name(q), task.groups().get(q)))
            .toList();
    return new Questions(task, tunes, groups);
  }

  private static boolean tunes(
      RetrievalTask task, int query, Map<String, String> sources, TrialData data) {
    String id = task.queries().name(query);
    return data.tunes(id, sources.get(id));
  }

  /** Ordinals in {@code all} of {@code count} queries of one part. */
  private static IntStream chosen(RetrievalTask all, IntPredicate part, int count) {
    RetrievalTask of =
        all.only(IntStream.range(0, all.queries().size()).filter(part).toArray()).sample(count);
    Set<String> ids =
        IntStream.range(0, of.queries().size())
            .mapToObj(of.queries()::name)
            .collect(Collectors.toSet());
    return IntStream.range(0, all.queries().size())
        .filter(q -> ids.contains(all.queries().name(q)));
  }

  /** The group of each test query, in the order of their ids. */
  List<String> groups() {
    return groups;
  }

  int documents() {
    return task.documents().size();
  }

  int tuning() {
    return tunes.length - groups.size();
  }

  /** What an encoder finds. */
  Scores score(Encoder encoder) throws IOException {
    if (tokens == null) {
      tokens = TokenizedTask.of(task, encoder);
    }
    MetricTable table;
    try (Backend backend = Backends.select("auto")) {
      table =
          EVALUATOR.evaluate(
              new DenseSystem(backend, any -> tokens.embedded(encoder)).rank(task, DEPTH),
              task.qrels());
    }
    return new Scores(
        means(table, row -> tunes[table.ordinal(row)]),
        means(table, row -> !tunes[table.ordinal(row)]),
        IntStream.range(0, table.size())
            .filter(row -> !tunes[table.ordinal(row)])
            .mapToDouble(row -> table.value(NDCG, row))
            .toArray());
  }

  private static SortedMap<String, Double> means(MetricTable table, IntPredicate rows) {
    SortedMap<String, Double> means = new TreeMap<>();
    for (Metric metric : table.metrics()) {
      means.put(
          metric.key(),
          IntStream.range(0, table.size())
              .filter(rows)
              .mapToDouble(row -> table.value(metric, row))
              .average()
              .orElse(0));
    }
    return means;
  }

  /**
   * Metrics of both parts.
   *
   * @param ndcg of each test query, parallel to {@link #groups()}
   */
  record Scores(SortedMap<String, Double> tuning, SortedMap<String, Double> test, double[] ndcg) {}
}
