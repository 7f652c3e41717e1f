package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.udf;

import io.batchwright.data.corpus.Corpus;
import io.batchwright.data.corpus.CorpusRows;
import io.batchwright.data.dedup.ClusterSample;
import io.batchwright.data.dedup.Fingerprints;
import io.batchwright.data.dedup.MinHashLsh;
import io.batchwright.data.dedup.NeighbourSample;
import io.batchwright.data.dedup.Shingles;
import io.batchwright.data.dedup.Workspace;
import io.batchwright.data.filter.Filters;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;

/**
 * The two samples of a {@link DedupEstimate}: one that tells what would go, one that costs what its
 * share of the whole would cost. A doc_id that stands twice counts as two documents.
 */
final class EstimateSample implements AutoCloseable {
  private final PipelineRecipe recipe;
  private final double share;
  private final Dataset<Row> documents;
  private final Workspace workspace = new Workspace();
  private Dataset<Row> prints;
  private Dataset<Row> texts;

  EstimateSample(SparkSession spark, PipelineRecipe recipe) {
    this.recipe = recipe;
    share = recipe.estimate().share();
    Dataset<Row> rows =
        Corpus.read(spark, recipe.corpus().sources())
            .where(col("kind").equalTo(CorpusRows.DOCUMENT))
            .select(
                concat_ws("\u0001", col("doc_id"), col("input_path"), col("input_position"))
                    .as("doc_id"),
                col("source"),
                col("text"));
    documents =
        Filters.apply(
                recipe.corpus().normalize().apply(rows),
                recipe.corpus().filters(),
                DuplicatesStage.NAME)
            .kept()
            .select("doc_id", "source", "text");
  }

  /** The first reading of the texts: fingerprints of all. */
  void fingerprint() {
    prints =
        workspace.keep(Fingerprints.withUnits(recipe.deduplicate(), documents, clusters(share)));
  }

  /** The second: the texts of both samples. */
  void read() {
    Dataset<Row> judged =
        new NeighbourSample(share, recipe.seed()).of(recipe.deduplicate(), prints, workspace);
    Dataset<Row> chosen =
        prints
            .select("doc_id", "unit")
            .join(judged, new String[] {"doc_id"}, "left_outer")
            .where(col("drawn").isNotNull().or(drawn(share)));
    texts = workspace.keep(documents.join(chosen, "doc_id"));
  }

  /** All documents, by source. */
  Map<String, Long> bySource() {
    Map<String, Long> counts = new TreeMap<>();
    prints
        .groupBy("source")
        .count()
        .collectAsList()
        .forEach(row -> counts.put(row.getString(0), row.getLong(1)));
    return counts;
  }

  /** (doc_id, source, text, drawn): drawn documents and those that could decide about them. */
  Dataset<Row> judged() {
    return texts.where(col("drawn").isNotNull()).drop("unit");
  }

  /** (doc_id, source, text): a {@link ClusterSample} of {@code part} of this share. */
  Dataset<Row> costing(double part) {
    return texts.where(drawn(share * part)).select("doc_id", "source", "text");
  }

  private Column drawn(double least) {
    ClusterSample sample = clusters(least);
    UDF1<Long, Boolean> draws = sample::draws;
    return udf(draws, DataTypes.BooleanType).apply(col("unit"));
  }

  private ClusterSample clusters(double least) {
    Shingles shingles =
        recipe.deduplicate().deduplicators().stream()
            .filter(MinHashLsh.class::isInstance)
            .map(lsh -> ((MinHashLsh) lsh).shingles())
            .findFirst()
            .orElse(MinHashLsh.PAPER.shingles());
    return new ClusterSample(shingles, least, recipe.seed());
  }

  @Override
  public void close() {
    workspace.close();
  }
}
