package io.batchwright.jobs.bench.negatives;

import static org.apache.spark.sql.functions.col;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.jobs.pipeline.PlanHardness;
import io.batchwright.jobs.run.RunTables;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/** The last batches of a training that made its batches anew. */
record LastEpoch(SparkSession spark, RunTables run, RunTables prepared) {
  /**
   * Their in-batch hardness, of those that were planned; NaN where nothing was made anew.
   *
   * @param vectors of all texts, by a model that is the same for all trainings
   */
  double hardness(RunTables vectors) {
    JsonNode refreshes = run.details("train").orElseThrow().path("refreshes");
    if (refreshes.isEmpty()) {
      return Double.NaN;
    }
    int epoch = refreshes.get(refreshes.size() - 1).path("epoch").asInt();
    Dataset<Row> plan = run.read(spark, "refreshed_plan_%05d".formatted(epoch));
    int last = plan.agg(functions.max("epoch")).head().getInt(0);
    Dataset<Row> numbered =
        vectors
            .read(spark, "embeddings")
            .select("kind", "id", "embedding")
            .join(
                prepared.read(spark, "texts").select("kind", "id", "text_id"),
                new String[] {"kind", "id"})
            .select("text_id", "embedding");
    return PlanHardness.of(
            plan.where(col("epoch").equalTo(last)), prepared.read(spark, "samples"), numbered)
        .map(PlanHardness::planned)
        .orElse(Double.NaN);
  }
}
