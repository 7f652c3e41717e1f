package io.batchwright.data.split;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.dedup.Workspace;
import java.util.Arrays;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Which queries train, validate, are held out or excluded, and why: the rules of {@link
 * HeldOutSplit} in their order. Reasons are given once; the first stands.
 */
final class QuerySides {
  private final HeldOutSplit recipe;
  private final SplitInput input;
  private final Workspace workspace;

  QuerySides(HeldOutSplit recipe, SplitInput input, Workspace workspace) {
    this.recipe = recipe;
    this.input = input;
    this.workspace = workspace;
  }

  /**
   * Queries with their normalised text {@code key} and side, train or held_out; {@code drawn} are
   * those whose documents are held out with them because of a draw.
   */
  Dataset<Row> drawn() {
    boolean marked = Arrays.asList(input.queries().columns()).contains("split");
    Column given = marked ? coalesce(col("split").equalTo("held_out"), lit(false)) : lit(false);
    return input
        .queries()
        .withColumn("key", normalized(col("query")))
        .withColumn("given", given)
        .withColumn(
            "drawn",
            heldOut(col("source"))
                .or(col("given"))
                .unary_$bang()
                .and(drawn("held_out", recipe.heldOutShare())))
        .withColumn(
            "split",
            when(heldOut(col("source")).or(col("given")).or(col("drawn")), "held_out")
                .otherwise("train"))
        .drop("given");
  }

  Column heldOut(Column source) {
    return source.isin(recipe.heldOut().toArray());
  }

  private Column drawn(String purpose, double share) {
    return recipe.drawn(purpose, coalesce(col("group_id"), col("query_id")), share);
  }

  /**
   * The drawn queries with {@code split}, {@code reason} (null for those that stay) and {@code
   * merged_into}.
   *
   * @param drawn of {@link #drawn()}
   * @param pairs (query_id, doc_id, relevance)
   * @param documents (doc_id, text, held_out, crossing)
   * @param leaking doc_ids of training documents that are near a held-out one
   */
  Dataset<Row> judged(
      Dataset<Row> drawn, Dataset<Row> pairs, Dataset<Row> documents, Dataset<Row> leaking) {
    Dataset<Row> sided = workspace.keep(sided(drawn, pairs, documents, leaking));
    Dataset<Row> validated = workspace.keep(withoutValidation(sided, pairs));
    return workspace.keep(merged(validated, pairs));
  }

  /** Queries with the first reason that excludes them. */
  private static Dataset<Row> sided(
      Dataset<Row> queries, Dataset<Row> pairs, Dataset<Row> documents, Dataset<Row> leaking) {
    Column training = col("hit").and(col("split").equalTo("train"));
    Dataset<Row> answers = pairs.where(col("relevance").gt(0));
    Dataset<Row> sided = queries.withColumn("reason", lit(null).cast("string"));
    sided =
        exclude(
            sided,
            "no_document",
            answers.select("query_id").distinct(),
            "query_id",
            col("hit").isNull());
    sided =
        exclude(
            sided,
            "cross_split_cluster",
            askers(pairs, documents.where(col("crossing"))),
            "query_id",
            col("hit"));
    sided = exclude(sided, "leak_check", askers(pairs, leaking), "query_id", training);
    sided =
        exclude(
            sided,
            "document_in_held_out",
            askers(answers, documents.where(col("held_out"))),
            "query_id",
            training);
    Dataset<Row> heldOutKeys =
        queries.where(col("split").equalTo("held_out")).select("key").distinct();
    return exclude(sided, "query_in_held_out", heldOutKeys, "key", training);
  }

  /** The queries that {@code pairs} leads to {@code documents}. */
  private static Dataset<Row> askers(Dataset<Row> pairs, Dataset<Row> documents) {
    return pairs.join(documents.select("doc_id"), "doc_id").select("query_id").distinct();
  }

  /** Sets groups aside for validation, and excludes what training would share with them. */
  private Dataset<Row> withoutValidation(Dataset<Row> sided, Dataset<Row> pairs) {
    Column chosen = drawn("validation", recipe.validationShare());
    Dataset<Row> assigned =
        workspace.keep(
            sided.withColumn(
                "split",
                when(col("split").equalTo("train").and(chosen), "validation")
                    .otherwise(col("split"))));
    Dataset<Row> validation =
        assigned.where(col("split").equalTo("validation").and(col("reason").isNull()));
    Dataset<Row> validationDocuments = pairs.join(validation.select("query_id"), "query_id");
    Column training = col("hit").and(col("split").equalTo("train"));
    Dataset<Row> result =
        exclude(
            assigned, "query_in_validation", validation.select("key").distinct(), "key", training);
    return exclude(
        result,
        "document_in_validation",
        pairs
            .join(validationDocuments.select("doc_id").distinct(), "doc_id")
            .select("query_id")
            .distinct(),
        "query_id",
        training);
  }

  /** Adds {@code merged_into}: the query that holds all of this one's pairs, or null. */
  private static Dataset<Row> merged(Dataset<Row> queries, Dataset<Row> pairs) {
    Dataset<Row> open = queries.where(col("reason").isNull()).select("query_id", "key", "split");
    Dataset<Row> evaluation =
        open.where(col("split").notEqual("train"))
            .groupBy("split", "key")
            .agg(min("query_id").as("keeper"))
            .join(open, new String[] {"split", "key"})
            .where(col("query_id").notEqual(col("keeper")))
            .select("query_id", "keeper");
    Dataset<Row> training = trainingKeepers(open, pairs);
    Dataset<Row> merged =
        training
            .groupBy("query_id")
            .agg(
                max(col("query_id").equalTo(col("keeper"))).as("keeps"), min("keeper").as("keeper"))
            .where(col("keeps").equalTo(false))
            .select("query_id", "keeper")
            .union(evaluation)
            .withColumnRenamed("keeper", "merged_into");
    return queries
        .join(merged, new String[] {"query_id"}, "left_outer")
        .withColumn(
            "reason",
            when(col("reason").isNull().and(col("merged_into").isNotNull()), "merged_pair")
                .otherwise(col("reason")));
  }

  /** (query_id, doc_id, relevance, keeper) of training pairs; one keeper a text and document. */
  static Dataset<Row> trainingKeepers(Dataset<Row> open, Dataset<Row> pairs) {
    Dataset<Row> training =
        open.where(col("split").equalTo("train"))
            .join(pairs.where(col("relevance").gt(0)), "query_id")
            .select("query_id", "key", "doc_id", "relevance");
    Dataset<Row> keepers = training.groupBy("key", "doc_id").agg(min("query_id").as("keeper"));
    return training
        .join(keepers, new String[] {"key", "doc_id"})
        .select("query_id", "doc_id", "relevance", "keeper");
  }

  /** Sets {@code reason} where none is set yet and {@code condition} holds on the joined hit. */
  private static Dataset<Row> exclude(
      Dataset<Row> queries, String reason, Dataset<Row> hits, String column, Column condition) {
    return queries
        .join(hits.withColumn("hit", lit(true)), new String[] {column}, "left_outer")
        .withColumn(
            "reason", when(col("reason").isNull().and(condition), reason).otherwise(col("reason")))
        .drop("hit");
  }

  /** Lower case, white space runs as one space, ends stripped. */
  static Column normalized(Column text) {
    return lower(trim(regexp_replace(text, "\\s+", " ")));
  }
}
