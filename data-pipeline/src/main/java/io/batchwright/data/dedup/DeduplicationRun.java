package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;

/** One run of a {@link Deduplicate} recipe: fingerprints, each deduplicator in turn, the tables. */
final class DeduplicationRun {
  private static final String[] ORDINAL = {"ordinal"};

  private final Deduplicate recipe;
  private final Dataset<Row> documents;
  private final Sizes sizes;
  private final Workspace workspace = new Workspace();
  private final SortedMap<String, Long> figures = new TreeMap<>();
  private Dataset<Row> roster;
  private Dataset<Row> decisions;
  private long decided;

  private DeduplicationRun(Deduplicate recipe, Dataset<Row> documents, Sizes sizes) {
    this.recipe = recipe;
    this.documents = documents;
    this.sizes = sizes;
  }

  static Deduplication of(Deduplicate recipe, Dataset<Row> documents, Sizes sizes) {
    DeduplicationRun run = new DeduplicationRun(recipe, documents, sizes);
    try {
      return run.run();
    } catch (RuntimeException e) {
      run.workspace.close();
      throw e;
    }
  }

  private Deduplication run() {
    Workspace.Counted taken = workspace.count(Fingerprints.of(recipe, documents));
    if (taken.rows() <= sizes.rosterRows()) {
      LocalRoster local = LocalRoster.of(taken.table().collectAsList());
      workspace.release(taken.table());
      return new LocalRun(recipe, documents, local, sizes, workspace).run();
    }
    roster = keep(Fingerprints.ordered(taken.table()));
    workspace.release(taken.table());
    Fingerprints.requireDistinctIds(roster);
    long total = taken.rows();
    figures.put("documents", total);
    for (int level = 0; level < recipe.deduplicators().size(); level++) {
      search(level, total);
    }
    return new DecisionTables(documents, roster, decisions, decided, sizes, workspace)
        .deduplication(recipe, figures);
  }

  private void search(int level, long total) {
    Deduplicator deduplicator = recipe.deduplicators().get(level);
    Dataset<Row> searched =
        (decisions == null ? roster : without(roster, decisions))
            .withColumn("print", col(Fingerprints.print(level)));
    Duplicates found =
        deduplicator.find(
            new DuplicateSearch(
                documents, () -> searched, null, total, recipe.scope(), sizes, workspace));
    found.figures().forEach((name, value) -> figures.merge(name, value, Long::sum));
    Dataset<Row> news =
        found
            .table()
            .select(
                col("ordinal"),
                col("survivor"),
                col("similarity").cast(DataTypes.DoubleType),
                lit(level).as("level"),
                lit(!deduplicator.transitive()).as("fixed"));
    Workspace.Counted taken;
    if (decisions == null) {
      taken = workspace.count(news);
    } else {
      Dataset<Row> allowed = keep(allowed(news, level));
      Dataset<Row> all = chained(decisions, allowed).union(allowed);
      taken = workspace.count(recipe.scope() == Scope.ACROSS_SOURCES ? acrossSources(all) : all);
    }
    decisions = taken.table();
    decided = taken.rows();
  }

  private Dataset<Row> without(Dataset<Row> documents, Dataset<Row> decisions) {
    return documents.join(sizes.small(decisions.select("ordinal"), decided), ORDINAL, "left_anti");
  }

  /**
   * {@code news} without the removal of documents that stand for others by similarity: those others
   * need not be similar to the next survivor.
   */
  private Dataset<Row> allowed(Dataset<Row> news, int level) {
    if (recipe.deduplicators().subList(0, level).stream().allMatch(Deduplicator::transitive)) {
      return news;
    }
    Dataset<Row> fixed = decisions.where(col("fixed")).select(col("survivor").as("ordinal"));
    return news.join(sizes.small(fixed, decided), ORDINAL, "left_anti");
  }

  /**
   * Earlier decisions, led on to the survivor's own survivor. The similarity goes along where the
   * earlier pair was equal, since equal texts have equal shingles; else it is unknown.
   */
  private Dataset<Row> chained(Dataset<Row> earlier, Dataset<Row> later) {
    Dataset<Row> next =
        later.select(
            col("ordinal").as("survivor"),
            col("survivor").as("next"),
            col("similarity").as("next_similarity"),
            col("fixed").as("next_fixed"));
    return earlier
        .join(next, new String[] {"survivor"}, "left_outer")
        .select(
            col("ordinal"),
            coalesce(col("next"), col("survivor")).as("survivor"),
            when(col("next").isNull(), col("similarity"))
                .when(col("similarity").equalTo(1.0), col("next_similarity"))
                .as("similarity"),
            col("level"),
            col("fixed").or(coalesce(col("next_fixed"), lit(false))).as("fixed"));
  }

  /** Without those that a chain has led to a survivor of their own source: they stay. */
  private Dataset<Row> acrossSources(Dataset<Row> chained) {
    Dataset<Row> origins = roster.select("ordinal", "origin");
    return chained
        .join(origins, "ordinal")
        .join(origins.toDF("survivor", "survivor_origin"), "survivor")
        .where(col("origin").notEqual(col("survivor_origin")))
        .select("ordinal", "survivor", "similarity", "level", "fixed");
  }

  private Dataset<Row> keep(Dataset<Row> table) {
    return workspace.keep(table);
  }
}
