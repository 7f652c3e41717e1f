package io.batchwright.data.split;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.when;

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

  private final HeldOutSplit recipe;
  private final SplitInput input;
  private final Workspace workspace = new Workspace();
  private final QuerySides sides;

  SplitRun(HeldOutSplit recipe, SplitInput input) {
    this.recipe = recipe;
    this.input = input;
    this.sides = new QuerySides(recipe, input, workspace);
  }

  Split run() {
    try {
      requireKnownSources();
      Dataset<Row> pairs = workspace.keep(remappedPairs());
      Dataset<Row> queries = workspace.keep(sides.drawn());
      Dataset<Row> documents = workspace.keep(sidedDocuments(queries, pairs));
      LeakCheck.Leaks leaks = leaks(documents);
      Dataset<Row> leaking = workspace.keep(leaks.pairs().select("doc_id").distinct());
      Dataset<Row> judged = sides.judged(queries, pairs, documents, leaking);
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
            coalesce(col("drawn"), sides.heldOut(col("source"))).as("held_out"),
            coalesce(col("crossing"), lit(false)).as("crossing"));
  }

  /** Documents of clusters with members both in held-out sources and in others. */
  private Dataset<Row> crossingDocuments() {
    Dataset<Row> members = input.clusters().select("doc_id", "cluster_id");
    Dataset<Row> crossing =
        members
            .join(input.sources().select("doc_id", "source"), "doc_id")
            .groupBy("cluster_id")
            .agg(
                min(sides.heldOut(col("source"))).as("all"),
                max(sides.heldOut(col("source"))).as("any"))
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

  private Dataset<Row> qrels(Dataset<Row> judged, Dataset<Row> pairs) {
    Dataset<Row> open = judged.where(col("reason").isNull()).select("query_id", "key", "split");
    Dataset<Row> training =
        QuerySides.trainingKeepers(open, pairs)
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

  private static Dataset<Row> without(Dataset<Row> documents, Dataset<Row> ids) {
    return documents.join(ids, new String[] {"doc_id"}, "left_anti");
  }
}
