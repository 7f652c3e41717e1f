package io.batchwright.jobs.bench.negatives;

import static org.apache.spark.sql.functions.col;

import io.batchwright.data.RowVectors;
import io.batchwright.data.cluster.BalancedTwoMeans;
import io.batchwright.data.token.TextIds;
import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.tensor.RandomStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Which share of MedQuAD's repeated answers, and of injected copies of answers, a guide takes out
 * of a step, and what else. Only copies tell guides apart: a repeated answer has the vector of the
 * query's own, so that without a margin none is taken out and with any margin all are.
 */
final class GuideSection {
  /** As it is, and with a copy for a tenth of the pairs. */
  private static final List<TrialSet> SETS = List.of(TrialSet.medquad(0), TrialSet.medquad(10));

  private static final double[] MARGINS = {0, 0.05, 0.1};

  /** The margin of the metrics. */
  private static final double MARGIN = 0.05;

  static final String PRECISION = "gist_mask_precision_margin_005";
  static final String COPIES_PRECISION = "gist_mask_precision_with_copies_margin_005";
  static final String COPIES_RECALL = "gist_mask_recall_of_copies_margin_005";

  void measure(Bench bench) throws IOException {
    Optional<String> missing = SETS.get(0).data().missing(bench.recipe());
    if (missing.isPresent()) {
      bench.say("  guide: %s", missing.get());
      for (String metric : List.of(PRECISION, COPIES_PRECISION, COPIES_RECALL)) {
        bench.notMeasured(metric, missing.get());
      }
      return;
    }
    for (TrialSet set : SETS) {
      measure(bench, set);
    }
  }

  private static void measure(Bench bench, TrialSet set) throws IOException {
    Laboratory laboratory = Laboratory.of(bench);
    RunTables prepared = laboratory.prepared(set);
    int steps = QualitySection.steps(bench, set, QualitySection.BATCH, prepared.rows("samples"));
    Ingredients made = new Ingredients(laboratory, set, QualitySection.BATCH, steps);
    RunTables vectors =
        laboratory.tables(new org.apache.hadoop.fs.Path(made.vectors(Ingredients.GUIDE)));
    Path files = Path.of(laboratory.folder(), "data", set.data().name());
    List<MaskQuality.Pair> pairs =
        pairs(bench.spark(), prepared, vectors, MedquadData.answers(files));
    BenchTable.Builder table =
        BenchTable.of(
            "The guide's mask, " + set.name(),
            "steps",
            "margin",
            "taken out",
            "of them the same answer (precision)",
            "equal texts",
            "of them taken out",
            "copies",
            "of them taken out");
    for (boolean clustered : new boolean[] {false, true}) {
      int[] order = clustered ? clustered(pairs) : random(pairs);
      for (double margin : MARGINS) {
        MaskQuality quality = MaskQuality.of(pairs, order, QualitySection.BATCH, margin);
        table.row(
            clustered ? "clusters" : "random",
            Double.toString(margin),
            count(quality.out()),
            share(quality.precision()),
            count(quality.equalOut() + quality.equalIn()),
            share(quality.recallOfEqual()),
            count(quality.copiesOut() + quality.copiesIn()),
            share(quality.recallOfCopies()));
        if (!clustered && margin == MARGIN) {
          metrics(bench, set, quality);
        }
      }
    }
    bench.table(table.note(note(pairs, steps)));
  }

  private static void metrics(Bench bench, TrialSet set, MaskQuality quality) {
    if (set.equals(SETS.get(0))) {
      metric(bench, PRECISION, quality.precision());
    } else {
      metric(bench, COPIES_PRECISION, quality.precision());
      metric(bench, COPIES_RECALL, quality.recallOfCopies());
    }
  }

  private static void metric(Bench bench, String name, double share) {
    if (Double.isNaN(share)) {
      bench.notMeasured(name, "no such pair met in a step");
    } else {
      bench.figure(name, "share", share);
    }
  }

  private static String note(List<MaskQuality.Pair> pairs, int steps) {
    return String.format(
        Locale.ROOT,
        "%,d training pairs in steps of %d, drawn at random or of balanced clusters of questions."
            + " The guide is the baseline trained for three times %,d steps; it takes out an answer"
            + " that is closer to the question than the question's own, less the margin. Equal"
            + " texts stand under other questions and have the own answer's vector: without a"
            + " margin none is closer, with any all are, whatever the guide. Copies lack the last"
            + " sentence, and only a guide tells them. A dash: there is nothing to divide by.",
        pairs.size(),
        QualitySection.BATCH,
        steps);
  }

  private static String count(long pairs) {
    return String.format(Locale.ROOT, "%,d", pairs);
  }

  private static String share(double share) {
    return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.4f", share);
  }

  private static int[] random(List<MaskQuality.Pair> pairs) {
    RandomStream random = RandomStream.of(1, "bench.steps", 0, 0);
    return IntStream.range(0, pairs.size())
        .map(i -> (int) random.permutedIndex(i, pairs.size()))
        .toArray();
  }

  private static int[] clustered(List<MaskQuality.Pair> pairs) {
    float[][] queries = pairs.stream().map(MaskQuality.Pair::query).toArray(float[][]::new);
    int clusters = BalancedTwoMeans.clustersFor(queries.length, QualitySection.BATCH);
    return BalancedTwoMeans.PAPER.cluster(queries, clusters, 1, 0).members();
  }

  private static List<MaskQuality.Pair> pairs(
      SparkSession spark,
      RunTables prepared,
      RunTables vectors,
      Map<String, MedquadData.Answer> says) {
    Map<String, float[]> queries = vectors(spark, vectors, TextIds.QUERY);
    Map<String, float[]> answers = vectors(spark, vectors, TextIds.DOCUMENT);
    List<Row> rows =
        prepared
            .read(spark, "queries")
            .where(col("split").equalTo("train"))
            .select("query_id")
            .join(prepared.read(spark, "qrels"), "query_id")
            .select("query_id", "doc_id")
            .orderBy("query_id", "doc_id")
            .collectAsList();
    List<MaskQuality.Pair> pairs = new ArrayList<>();
    for (Row row : rows) {
      pairs.add(
          new MaskQuality.Pair(
              queries.get(row.getString(0)),
              answers.get(row.getString(1)),
              says.get(row.getString(1))));
    }
    return pairs;
  }

  private static Map<String, float[]> vectors(SparkSession spark, RunTables run, String kind) {
    Map<String, float[]> vectors = new HashMap<>();
    for (Row row :
        run.read(spark, "embeddings")
            .where(col("kind").equalTo(kind))
            .select("id", "embedding")
            .collectAsList()) {
      vectors.put(row.getString(0), RowVectors.of(row, 1));
    }
    return vectors;
  }
}
