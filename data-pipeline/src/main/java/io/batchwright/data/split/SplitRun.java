package io.batchwright.data.split;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.data.Tables;
import io.batchwright.data.dedup.Workspace;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.ledger.Outcome;
import io.batchwright.data.ledger.Removed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One run of a {@link HeldOutSplit}; {@link #run} reads in the order of the rules. */
final class SplitRun {
  private static final String STAGE = "split";
  private static final long GRAIN = 1_000_000;

  private final HeldOutSplit recipe;
  private final SplitInput input;
  private final Workspace workspace = new Workspace();

  SplitRun(HeldOutSplit recipe, SplitInput input) {
    this.recipe = recipe;
    this.input = input;
  }

  Split run() {
    try {
      requireKnownSources();
      Dataset<Row> pairs = workspace.keep(remappedPairs());
      Dataset<Row> queries = workspace.keep(drawnQueries());
      Dataset<Row> documents = workspace.keep(sidedDocuments(queries, pairs));
      LeakCheck.Leaks leaks = leaks(documents);
      Dataset<Row> leaking = workspace.keep(leaks.pairs().select("doc_id").distinct());
      Dataset<Row> sided = workspace.keep(sided(queries, pairs, documents, leaking));
      Dataset<Row> validated = workspace.keep(withoutValidation(sided, pairs));
      Dataset<Row> judged = workspace.keep(merged(validated, pairs));
      return result(judged, pairs, documents, leaks, leaking);
    } catch (RuntimeException e) {
      workspace.close();
      throw e;
    }
  }

  private void requireKnownSources() {
    List<String> known =
        input.documents().select("source").distinct().orderBy("source").collectAsList().stream()
            .map(row -> row.getString(0))
            .toList();
    List<String> unknown =
        recipe.heldOut().stream().filter(source -> !known.contains(source)).toList();
    if (!unknown.isEmpty()) {
      throw BatchwrightException.usage(
          "HeldOutSplit.heldOut must name sources of the corpus, got %s; the sources are %s"
              .formatted(unknown, known));
    }
  }

  private Column heldOut(Column source) {
    return source.isin(recipe.heldOut().toArray());
  }

  /** True for {@code share} of the groups; each {@code purpose} draws on its own. */
  private Column drawn(String purpose, double share) {
    Column group = coalesce(col("group_id"), col("query_id"));
    Column draw = pmod(xxhash64(lit(recipe.seed()), lit(purpose), group), lit(GRAIN));
    return draw.lt(Math.round(share * GRAIN));
  }

  /**
   * Queries with their normalised text {@code key} and side, train or held_out; {@code drawn} are
   * those whose documents are held out with them because of a draw.
   */
  private Dataset<Row> drawnQueries() {
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

  /** (doc_id, text, held_out, crossing) of the kept documents. */
  private Dataset<Row> sidedDocuments(Dataset<Row> queries, Dataset<Row> pairs) {
    Dataset<Row> drawn =
        pairs
            .where(col("relevance").gt(0))
            .join(queries.where(col("drawn")).select("query_id"), "query_id")
            .select("doc_id")
            .distinct();
    Dataset<Row> clusters = input.clusters().select("doc_id", "cluster_id");
    Dataset<Row> withTheirClusters =
        clusters
            .join(clusters.join(drawn, "doc_id").select("cluster_id").distinct(), "cluster_id")
            .select("doc_id")
            .union(drawn)
            .distinct()
            .withColumn("drawn", lit(true));
    Dataset<Row> crossing = crossingDocuments().withColumn("crossing", lit(true));
    return input
        .documents()
        .select("doc_id", "source", "text")
        .join(withTheirClusters, new String[] {"doc_id"}, "left_outer")
        .join(crossing, new String[] {"doc_id"}, "left_outer")
        .select(
            col("doc_id"),
            col("text"),
            coalesce(col("drawn"), heldOut(col("source"))).as("held_out"),
            coalesce(col("crossing"), lit(false)).as("crossing"));
  }

  /** Documents of clusters with members both in held-out sources and in others. */
  private Dataset<Row> crossingDocuments() {
    Dataset<Row> members = input.clusters().select("doc_id", "cluster_id");
    Dataset<Row> crossing =
        members
            .join(input.sources().select("doc_id", "source"), "doc_id")
            .groupBy("cluster_id")
            .agg(min(heldOut(col("source"))).as("all"), max(heldOut(col("source"))).as("any"))
            .where(col("any").and(col("all").equalTo(false)))
            .select("cluster_id");
    return members.join(crossing, "cluster_id").select("doc_id").distinct();
  }

  private LeakCheck.Leaks leaks(Dataset<Row> documents) {
    return recipe
        .leakCheck()
        .find(
            documents.where(col("held_out").or(col("crossing")).unary_$bang()),
            documents.where(col("held_out")),
            workspace);
  }

  /** (query_id, doc_id, relevance) with each document replaced by its survivor, once each. */
  private Dataset<Row> remappedPairs() {
    Dataset<Row> survivors =
        input
            .removed()
            .where(col("survivor_id").isNotNull())
            .select(col("doc_id"), col("survivor_id"));
    return input
        .qrels()
        .join(survivors, new String[] {"doc_id"}, "left_outer")
        .select(
            col("query_id"),
            coalesce(col("survivor_id"), col("doc_id")).as("doc_id"),
            col("relevance"))
        .join(input.documents().select("doc_id"), "doc_id")
        .groupBy("query_id", "doc_id")
        .agg(max("relevance").as("relevance"));
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
  private static Dataset<Row> trainingKeepers(Dataset<Row> open, Dataset<Row> pairs) {
    Dataset<Row> training =
        open.where(col("split").equalTo("train"))
            .join(pairs.where(col("relevance").gt(0)), "query_id")
            .select("query_id", "key", "doc_id", "relevance");
    Dataset<Row> keepers = training.groupBy("key", "doc_id").agg(min("query_id").as("keeper"));
    return training
        .join(keepers, new String[] {"key", "doc_id"})
        .select("query_id", "doc_id", "relevance", "keeper");
  }

  private Dataset<Row> qrels(Dataset<Row> judged, Dataset<Row> pairs) {
    Dataset<Row> open = judged.where(col("reason").isNull()).select("query_id", "key", "split");
    Dataset<Row> training =
        trainingKeepers(open, pairs)
            .where(col("query_id").equalTo(col("keeper")))
            .select("query_id", "doc_id", "relevance");
    Dataset<Row> byText =
        judged
            .select("query_id", "key")
            .join(pairs, "query_id")
            .groupBy("key", "doc_id")
            .agg(max("relevance").as("relevance"));
    Dataset<Row> evaluation =
        open.where(col("split").notEqual("train"))
            .join(byText, "key")
            .select("query_id", "doc_id", "relevance");
    return training.union(evaluation);
  }

  private static Dataset<Row> splits(Dataset<Row> documents, Dataset<Row> leaking) {
    return documents
        .join(leaking.withColumn("hit", lit(true)), new String[] {"doc_id"}, "left_outer")
        .select(
            col("doc_id"),
            when(col("hit").or(col("crossing")), "excluded")
                .when(col("held_out"), "held_out")
                .otherwise("train")
                .as("split"));
  }

  private Split result(
      Dataset<Row> judged,
      Dataset<Row> pairs,
      Dataset<Row> documents,
      LeakCheck.Leaks leaks,
      Dataset<Row> leaking) {
    List<Column> columns = new ArrayList<>();
    for (String name : input.queries().columns()) {
      columns.add(
          name.equals("split")
              ? when(col("reason").isNotNull(), "excluded").otherwise(col("split")).as("split")
              : col(name));
    }
    if (!Arrays.asList(input.queries().columns()).contains("split")) {
      columns.add(when(col("reason").isNotNull(), "excluded").otherwise(col("split")).as("split"));
    }
    Dataset<Row> queries = judged.select(columns.toArray(new Column[0]));
    Dataset<Row> removed =
        judged
            .where(col("reason").isNotNull())
            .select(
                Removed.columns(
                    col("query_id"),
                    STAGE,
                    col("reason"),
                    when(col("reason").equalTo("merged_pair"), col("merged_into"))));
    Outcome outcome =
        new Outcome(
            queries.where(col("split").notEqual("excluded")),
            removed,
            Tables.empty(input.queries().sparkSession(), Tables.QUARANTINE));
    LeakReport report = report(judged, leaks, documents, leaking);
    Dataset<Row> qrels = qrels(judged, pairs);
    return new Split(
        queries, qrels, outcome, splits(documents, leaking), report, figures(judged), workspace);
  }

  /** Looks again, at what is left: the check must hold, not be assumed to. */
  private LeakReport report(
      Dataset<Row> judged, LeakCheck.Leaks leaks, Dataset<Row> documents, Dataset<Row> leaking) {
    LeakCheck.Leaks remaining = leaks(without(documents, leaking));
    Dataset<Row> open = judged.where(col("reason").isNull());
    long equalQueries =
        open.where(col("split").equalTo("train"))
            .join(
                open.where(col("split").equalTo("held_out")).select("key").distinct(),
                new String[] {"key"},
                "left_semi")
            .count();
    return new LeakReport(
        leaks.trainDocuments(),
        leaks.heldOutDocuments(),
        leaks.comparedPairs(),
        leaks.nearPairs(),
        leaking.count(),
        remaining.nearPairs(),
        equalQueries);
  }

  private static SortedMap<String, Long> figures(Dataset<Row> judged) {
    SortedMap<String, Long> figures = new TreeMap<>();
    for (String split : List.of("train", "validation", "held_out")) {
      figures.put(split, 0L);
    }
    judged
        .groupBy(coalesce(col("reason"), col("split")).as("name"))
        .count()
        .collectAsList()
        .forEach(row -> figures.put(row.getString(0), row.getLong(1)));
    return figures;
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

  private static Dataset<Row> without(Dataset<Row> documents, Dataset<Row> ids) {
    return documents.join(ids, new String[] {"doc_id"}, "left_anti");
  }

  /** Lower case, white space runs as one space, ends stripped. */
  static Column normalized(Column text) {
    return lower(trim(regexp_replace(text, "\\s+", " ")));
  }
}
