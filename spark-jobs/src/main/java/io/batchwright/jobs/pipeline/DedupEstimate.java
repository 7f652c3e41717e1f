package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.dedup.Deduplication;
import io.batchwright.data.dedup.Sizes;
import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.RunRecord;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What deduplication would remove and cost, from two samples of share p; writes run.json only.
 *
 * <p><b>Removal.</b> Of documents drawn one by one ({@link
 * io.batchwright.data.dedup.NeighbourSample}), each is judged with the documents of the whole
 * corpus that could decide about it; n that go stand for n / p, with the interval of {@link
 * SampledCount}. So duplicates count whose survivor was not drawn, and a cluster of a thousand
 * weighs a thousand draws, not one.
 *
 * <p><b>Cost</b>, of a {@link io.batchwright.data.dedup.ClusterSample}, which has its share of
 * pairs, done on the driver or on executors as the whole would be. Shuffle: bytes of the sample /
 * p, and what reading shuffles itself. Time: seconds of tasks while all texts are read and
 * fingerprinted, and of the sample by a line through the costs of it and of its first half, over
 * the cores of this session; not measured below {@value #LEAST} documents in the sample, where
 * tasks are mostly overhead. Writing the output is not in it.
 *
 * <p>All texts are read twice; the second time only those of the samples go further.
 */
final class DedupEstimate {
  private static final int LEAST = 2_000;
  private static final ObjectMapper JSON = new ObjectMapper();

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
    try (TaskCost cost = new TaskCost(context.spark());
        EstimateSample sample = new EstimateSample(context.spark(), recipe)) {
      sample.fingerprint();
      double readSeconds = cost.taskSeconds();
      long readBytes = cost.shuffleBytes();
      Map<String, Long> bySource = sample.bySource();
      record.metric(
          "estimate_documents", bySource.values().stream().mapToLong(Long::longValue).sum());
      sample.read();
      removal(sample.judged(), bySource);

      Dataset<Row> costing = sample.costing(1);
      long drawn = costing.count();
      double halfSeconds = 0;
      if (drawn >= LEAST) {
        double before = cost.taskSeconds();
        cost(sample.costing(0.5), share / 2);
        halfSeconds = cost.taskSeconds() - before;
      }
      double start = cost.taskSeconds();
      long bytes = cost.shuffleBytes();
      cost(costing, share);
      double seconds = cost.taskSeconds() - start;
      record.metric("estimate_shuffle_bytes", readBytes + (cost.shuffleBytes() - bytes) / share);
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

  private void removal(Dataset<Row> judged, Map<String, Long> bySource) {
    Dataset<Row> drawn = judged.where("drawn").select("doc_id");
    context.record().metric("estimate_sample_documents", drawn.count());
    long exact = 0;
    long near = 0;
    Map<String, Long> lost = new TreeMap<>();
    for (Row row : removed(judged, drawn)) {
      lost.merge(row.getString(0), row.getLong(2), Long::sum);
      if (row.getString(1).equals("exact_duplicate")) {
        exact += row.getLong(2);
      } else {
        near += row.getLong(2);
      }
    }
    put("estimate_removed_exact", new SampledCount(exact, share));
    put("estimate_removed_near", new SampledCount(near, share));
    ObjectNode sources = JSON.createObjectNode();
    bySource.forEach(
        (source, documents) -> {
          SampledCount count = new SampledCount(lost.getOrDefault(source, 0L), share);
          sources
              .putObject(source)
              .put("documents", documents)
              .put("removed", count.estimate())
              .put("removed_low", count.low())
              .put("removed_high", count.high());
        });
    context.record().put("estimate_by_source", sources);
  }

  private void put(String name, SampledCount count) {
    context.record().metric(name, count.estimate());
    context.record().metric(name + "_low", count.low());
    context.record().metric(name + "_high", count.high());
  }

  /** (source, reason, documents) of the drawn ones that go. */
  private List<Row> removed(Dataset<Row> judged, Dataset<Row> drawn) {
    try (Deduplication found = recipe.deduplicate().apply(judged.drop("drawn"))) {
      return found
          .outcome()
          .removed()
          .join(drawn, "doc_id")
          .groupBy("source", "reason")
          .agg(count(lit(1)))
          .collectAsList();
    }
  }

  /** Does to a sample what would be done to the whole. */
  private void cost(Dataset<Row> documents, double part) {
    recipe.deduplicate().apply(documents, Sizes.ofThisHeap().ofSample(part)).close();
  }

  private void report() {
    JsonNode metrics = context.record().json().path("metrics");
    context
        .console()
        .line(
            String.format(
                Locale.ROOT,
                "Estimate  of %,d documents from %,d, with 95 %% intervals: %s exact duplicates and"
                    + " %s near-duplicates would go; %.3f GB to shuffle; %s",
                metrics.path("estimate_documents").asLong(),
                metrics.path("estimate_sample_documents").asLong(),
                interval(metrics, "estimate_removed_exact"),
                interval(metrics, "estimate_removed_near"),
                metrics.path("estimate_shuffle_bytes").asDouble() / 1e9,
                metrics.has("estimate_seconds")
                    ? String.format(
                        Locale.ROOT, "%,.0f s here", metrics.path("estimate_seconds").asDouble())
                    : "too small a sample for a time"));
  }

  private static String interval(JsonNode metrics, String name) {
    return String.format(
        Locale.ROOT,
        "%,.0f (%,.0f to %,.0f)",
        metrics.path(name).asDouble(),
        metrics.path(name + "_low").asDouble(),
        metrics.path(name + "_high").asDouble());
  }
}
