package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.corpus.Corpus;
import io.batchwright.data.corpus.CorpusRows;
import io.batchwright.data.dedup.ClusterSample;
import io.batchwright.data.dedup.Deduplication;
import io.batchwright.data.dedup.MinHashLsh;
import io.batchwright.data.dedup.ShingleHasher;
import io.batchwright.data.dedup.Shingles;
import io.batchwright.data.filter.Filters;
import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.RunRecord;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What deduplication would remove and cost, from a {@link ClusterSample}; writes run.json only.
 *
 * <p><b>Cost.</b> Every text is read and hashed once, for its place in the sample; only the sample
 * is compared and shuffled.
 *
 * <p><b>Estimators</b>, with share p. Exact duplicates: n / p, unbiased, for copies are drawn
 * together; the standard error is {@code sqrt((1 - p) sum_u n_u^2) / p} over units u of documents
 * drawn together. Near-duplicates lie between n / p, which misses those whose survivor was not
 * drawn, and {@code sum 1 / (p s)} over their similarities s to the survivor, which counts those
 * with several possible survivors too often; the two differ by at most 1 / threshold. Both miss
 * what documents outside the sample would have done to survivors inside it, and large clusters that
 * were not drawn show neither in the count nor in its error. Shuffle: bytes of the sample / p, and
 * what reading shuffles itself. Time: seconds of tasks while reading, and of the sample by a line
 * through the costs of it and of its first half, over the cores of this session; not measured below
 * {@value #LEAST} documents in the sample, where tasks are mostly overhead. Writing the output is
 * not in it. A doc_id that stands twice counts as two documents.
 */
final class DedupEstimate {
  private static final int LEAST = 2_000;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final StructType SAMPLED =
      new StructType()
          .add("doc_id", DataTypes.StringType)
          .add("source", DataTypes.StringType)
          .add("text", DataTypes.StringType)
          .add("unit", DataTypes.LongType)
          .add("documents", DataTypes.LongType);

  private final JobContext<PipelineRecipe> context;
  private final PipelineRecipe recipe;
  private final double share;

  DedupEstimate(JobContext<PipelineRecipe> context, PipelineRecipe recipe) {
    this.context = context;
    this.recipe = recipe;
    this.share = recipe.estimate().share();
  }

  void run() {
    RunRecord record = context.record();
    try (TaskCost cost = new TaskCost(context.spark())) {
      Dataset<Row> read = sampled().localCheckpoint();
      double readSeconds = cost.taskSeconds();
      long readBytes = cost.shuffleBytes();
      Dataset<Row> sample = read.where(col("doc_id").isNotNull()).drop("documents");
      Map<String, Long> bySource = counts(read.where(col("doc_id").isNull()));
      long documents = bySource.values().stream().mapToLong(Long::longValue).sum();
      long drawn = sample.count();
      record.metric("estimate_documents", documents);
      record.metric("estimate_sample_documents", drawn);

      double halfSeconds = 0;
      if (drawn >= LEAST) {
        ClusterSample half = new ClusterSample(shingles(), share / 2, recipe.seed());
        double before = cost.taskSeconds();
        find(sample.where(drawn(half)));
        halfSeconds = cost.taskSeconds() - before;
      }
      double start = cost.taskSeconds();
      long bytes = cost.shuffleBytes();
      List<Row> removed = find(sample);
      double seconds = cost.taskSeconds() - start;
      long shuffled = cost.shuffleBytes() - bytes;
      removal(removed, bySource);
      record.metric("estimate_shuffle_bytes", readBytes + shuffled / share);
      time(drawn, readSeconds, halfSeconds, seconds);
    }
    report();
  }

  private void time(long drawn, double readSeconds, double halfSeconds, double seconds) {
    if (drawn < LEAST && share < 1) {
      context
          .record()
          .notMeasured(
              "estimate_seconds",
              "the sample has %d documents, fewer than %d: use a larger estimate.share"
                  .formatted(drawn, LEAST));
      return;
    }
    double slope = Math.max(0, seconds - halfSeconds) / (share / 2);
    double all = readSeconds + seconds + (1 - share) * slope;
    int cores = context.spark().sparkContext().defaultParallelism();
    context.record().metric("estimate_task_seconds", all);
    context.record().metric("estimate_seconds", all / cores);
  }

  private void removal(List<Row> removed, Map<String, Long> bySource) {
    double exact = 0;
    double exactSquares = 0;
    double nearSquares = 0;
    double low = 0;
    double high = 0;
    Map<String, Double> lost = new TreeMap<>();
    for (Row row : removed) {
      double documents = row.getLong(2);
      lost.merge(row.getString(0), documents / share, Double::sum);
      if (row.getString(1).equals("exact_duplicate")) {
        exact += documents / share;
        exactSquares += row.getDouble(4);
      } else {
        low += documents / share;
        nearSquares += row.getDouble(4);
        high += row.getDouble(3) / share;
      }
    }
    RunRecord record = context.record();
    record.metric("estimate_removed_exact", exact);
    record.metric("estimate_removed_exact_error", error(exactSquares));
    record.metric("estimate_removed_near_error", error(nearSquares));
    record.metric("estimate_removed_near_low", low);
    record.metric("estimate_removed_near_high", high);
    ObjectNode sources = JSON.createObjectNode();
    bySource.forEach(
        (source, documents) ->
            sources
                .putObject(source)
                .put("documents", documents)
                .put("removed_low", lost.getOrDefault(source, 0.0)));
    record.put("estimate_by_source", sources);
  }

  private double error(double squares) {
    return Math.sqrt((1 - share) * squares) / share;
  }

  /** (source, reason, documents, sum of 1 / similarity, sum of squares by unit) of what goes. */
  private List<Row> find(Dataset<Row> sample) {
    try (Deduplication found =
        recipe.deduplicate().apply(sample.select("doc_id", "source", "text"))) {
      Column inverse =
          when(col("similarity").gt(0), lit(1.0).divide(col("similarity"))).otherwise(lit(1.0));
      return found
          .outcome()
          .removed()
          .join(sample.select("doc_id", "unit"), "doc_id")
          .groupBy("source", "reason", "unit")
          .agg(count(lit(1)).as("n"), sum(inverse).as("inverse"))
          .groupBy("source", "reason")
          .agg(sum("n"), sum("inverse"), sum(col("n").multiply(col("n")).cast("double")))
          .collectAsList();
    }
  }

  private Dataset<Row> sampled() {
    Dataset<Row> rows =
        Corpus.read(context.spark(), recipe.corpus().sources())
            .where(col("kind").equalTo(CorpusRows.DOCUMENT))
            .select(
                concat_ws("\u0001", col("doc_id"), col("input_path"), col("input_position"))
                    .as("doc_id"),
                col("source"),
                col("text"));
    Dataset<Row> fit =
        Filters.apply(
                recipe.corpus().normalize().apply(rows),
                recipe.corpus().filters(),
                DuplicatesStage.NAME)
            .kept();
    ClusterSample sample = new ClusterSample(shingles(), share, recipe.seed());
    return fit.select("doc_id", "source", "text")
        .mapPartitions(drawing(sample), Encoders.row(SAMPLED));
  }

  private static Column drawn(ClusterSample sample) {
    UDF1<Long, Boolean> draws = sample::draws;
    return udf(draws, DataTypes.BooleanType).apply(col("unit"));
  }

  private Shingles shingles() {
    return recipe.deduplicate().deduplicators().stream()
        .filter(MinHashLsh.class::isInstance)
        .map(lsh -> ((MinHashLsh) lsh).shingles())
        .findFirst()
        .orElse(MinHashLsh.PAPER.shingles());
  }

  /** The drawn documents, then the number of all documents of each source. */
  private static MapPartitionsFunction<Row, Row> drawing(ClusterSample sample) {
    return rows -> {
      ShingleHasher hasher = sample.shingles().hasher();
      Map<String, Long> counts = new TreeMap<>();
      return new Iterator<>() {
        private Row next;
        private Iterator<Map.Entry<String, Long>> totals;

        @Override
        public boolean hasNext() {
          while (next == null && rows.hasNext()) {
            Row row = rows.next();
            counts.merge(row.getString(1), 1L, Long::sum);
            long unit = sample.unit(hasher, row.getString(2));
            if (sample.draws(unit)) {
              next = RowFactory.create(row.get(0), row.get(1), row.get(2), unit, 1L);
            }
          }
          if (next == null && totals == null) {
            totals = counts.entrySet().iterator();
          }
          if (next == null && totals.hasNext()) {
            Map.Entry<String, Long> total = totals.next();
            next = RowFactory.create(null, total.getKey(), null, 0L, total.getValue());
          }
          return next != null;
        }

        @Override
        public Row next() {
          if (!hasNext()) {
            throw new java.util.NoSuchElementException();
          }
          Row result = next;
          next = null;
          return result;
        }
      };
    };
  }

  private static Map<String, Long> counts(Dataset<Row> totals) {
    Map<String, Long> counts = new TreeMap<>();
    totals
        .groupBy("source")
        .agg(sum("documents"))
        .collectAsList()
        .forEach(row -> counts.put(row.getString(0), row.getLong(1)));
    return counts;
  }

  private void report() {
    var metrics = context.record().json().path("metrics");
    context
        .console()
        .line(
            String.format(
                Locale.ROOT,
                "Estimate  of %,d documents from %,d: %,.0f (+- %,.0f) exact duplicates, %,.0f to"
                    + " %,.0f (+- %,.0f) near-duplicates would go; %.3f GB to shuffle; %s",
                metrics.path("estimate_documents").asLong(),
                metrics.path("estimate_sample_documents").asLong(),
                metrics.path("estimate_removed_exact").asDouble(),
                metrics.path("estimate_removed_exact_error").asDouble(),
                metrics.path("estimate_removed_near_low").asDouble(),
                metrics.path("estimate_removed_near_high").asDouble(),
                metrics.path("estimate_removed_near_error").asDouble(),
                metrics.path("estimate_shuffle_bytes").asDouble() / 1e9,
                metrics.has("estimate_seconds")
                    ? String.format(
                        Locale.ROOT, "%,.0f s here", metrics.path("estimate_seconds").asDouble())
                    : "too small a sample for a time"));
  }
}
