package io.batchwright.jobs.bench.negatives;

import static org.apache.spark.sql.functions.col;

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
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Which share of MedQuAD's repeated answers a guide takes out of a step, and what else. */
final class GuideSection {
  private static final TrialSet SET = TrialSet.medquad(0);
  private static final double[] MARGINS = {0, 0.05, 0.1};

  void measure(Bench bench) throws IOException {
    if (SET.data().missing(bench.recipe()).isPresent()) {
      String reason = SET.data().missing(bench.recipe()).get();
      bench.say("  guide: %s", reason);
      bench.notMeasured("gist_mask_precision", reason);
      bench.notMeasured("gist_mask_recall", reason);
      return;
    }
    Laboratory laboratory = Laboratory.of(bench);
    int steps = QualitySection.steps(bench, SET);
    Ingredients made = new Ingredients(laboratory, SET, QualitySection.BATCH, steps);
    RunTables vectors =
        laboratory.tables(new org.apache.hadoop.fs.Path(made.vectors(Ingredients.GUIDE)));
    Path files = Path.of(laboratory.folder(), "data", SET.data().name());
    List<MaskQuality.Pair> pairs =
        pairs(bench.spark(), laboratory.prepared(SET), vectors, MedquadData.meanings(files));
    BenchTable.Builder table =
        BenchTable.of(
            "The guide's mask on repeated answers",
            "steps",
            "margin",
            "taken out",
            "of them the same answer (precision)",
            "same answers",
            "of them taken out (recall)");
    for (boolean clustered : new boolean[] {false, true}) {
      int[] order = clustered ? clustered(pairs) : random(pairs);
      for (double margin : MARGINS) {
        MaskQuality quality = MaskQuality.of(pairs, order, QualitySection.BATCH, margin);
        table.row(
            clustered ? "clusters" : "random",
            Double.toString(margin),
            String.format(Locale.ROOT, "%,d", quality.rightly() + quality.wrongly()),
            String.format(Locale.ROOT, "%.4f", quality.precision()),
            String.format(Locale.ROOT, "%,d", quality.rightly() + quality.missed()),
            String.format(Locale.ROOT, "%.4f", quality.recall()));
        if (!clustered && margin == 0) {
          bench.figure("gist_mask_precision", "share", quality.precision());
          bench.figure("gist_mask_recall", "share", quality.recall());
        }
      }
    }
    bench.table(
        table.note(
            String.format(
                Locale.ROOT,
                "%,d training pairs of MedQuAD in steps of %d, drawn at random or of balanced clusters"
                    + " of questions. The guide is the baseline trained for three times %,d steps; it"
                    + " takes out an answer that is closer to the question than the question's own,"
                    + " less the margin. The same answer: the same text under another question.",
                pairs.size(),
                QualitySection.BATCH,
                steps)));
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
      SparkSession spark, RunTables prepared, RunTables vectors, Map<String, String> meanings) {
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
              meanings.get(row.getString(1))));
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
      List<Float> values = row.getList(1);
      float[] vector = new float[values.size()];
      for (int d = 0; d < vector.length; d++) {
        vector[d] = values.get(d);
      }
      vectors.put(row.getString(0), vector);
    }
    return vectors;
  }
}
