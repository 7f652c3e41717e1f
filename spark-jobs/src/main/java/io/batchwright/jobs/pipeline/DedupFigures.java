package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import io.batchwright.report.DedupData;
import io.batchwright.report.ReportData;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;

/**
 * What deduplication did, in figures, from its committed tables: five small jobs, one of which
 * reads every text once.
 */
final class DedupFigures {
  private static final int SHOWN_SOURCES = 24;
  private static final int SHOWN_CLUSTERS = 100;
  private static final int SHOWN_CHARACTERS = 100_000;
  private static final String REST = "(all other sources)";
  private static final long[] SIZES = {2, 3, 4, 8, 16, 32, 64, 128, 256, 1024, 4096, 1 << 16};

  private final Dataset<Row> documents;
  private final Dataset<Row> removed;
  private final Dataset<Row> clusters;
  private final List<String> shown;

  /** All documents by source and cause; the largest sources first. */
  final List<DedupData.SourceFunnel> sources;

  /**
   * Reads the tables.
   *
   * @param documents what the stage began with (doc_id, source, text)
   * @param removed what went (doc_id, source, reason, similarity, cluster_id)
   * @param clusters (doc_id, cluster_id, size)
   */
  DedupFigures(Dataset<Row> documents, Dataset<Row> removed, Dataset<Row> clusters) {
    this.documents = documents;
    this.removed = removed;
    this.clusters = clusters;
    this.sources = funnel();
    this.shown = sources.stream().map(DedupData.SourceFunnel::source).toList();
  }

  private List<DedupData.SourceFunnel> funnel() {
    UDF1<String, Long> words = DedupFigures::words;
    Dataset<Row> amounts =
        documents
            .select(
                col("doc_id"),
                col("source"),
                octet_length(col("text")).cast("long").as("bytes"),
                udf(words, DataTypes.LongType).apply(col("text")).as("words"))
            .join(removed.select("doc_id", "reason"), asArray("doc_id"), "left_outer")
            .groupBy("source", "reason")
            .agg(count(lit(1)), sum("bytes"), sum("words"));
    Map<String, DedupData.SourceFunnel> bySource = new TreeMap<>();
    for (Row row : amounts.collectAsList()) {
      DedupData.Amount amount =
          new DedupData.Amount(row.getLong(2), row.getLong(3), row.getLong(4));
      DedupData.SourceFunnel other =
          new DedupData.SourceFunnel(
              row.getString(0),
              amount,
              row.isNullAt(1) ? Map.of() : Map.of(row.getString(1), amount));
      bySource.merge(row.getString(0), other, DedupFigures::together);
    }
    List<DedupData.SourceFunnel> all = new ArrayList<>(bySource.values());
    all.sort(Comparator.comparingLong(source -> -source.in().documents()));
    List<DedupData.SourceFunnel> largest =
        new ArrayList<>(all.subList(0, Math.min(SHOWN_SOURCES, all.size())));
    all.stream()
        .skip(SHOWN_SOURCES)
        .reduce(DedupFigures::together)
        .map(rest -> new DedupData.SourceFunnel(REST, rest.in(), rest.removed()))
        .ifPresent(largest::add);
    return largest;
  }

  private static DedupData.SourceFunnel together(
      DedupData.SourceFunnel one, DedupData.SourceFunnel two) {
    Map<String, DedupData.Amount> removed = new TreeMap<>(one.removed());
    two.removed().forEach((cause, amount) -> removed.merge(cause, amount, DedupData.Amount::plus));
    return new DedupData.SourceFunnel(one.source(), one.in().plus(two.in()), removed);
  }

  /** Runs of characters other than white space. */
  static long words(String text) {
    long words = 0;
    boolean inside = false;
    for (int i = 0; i < text.length(); i++) {
      boolean space = Character.isWhitespace(text.charAt(i));
      if (!space && !inside) {
        words++;
      }
      inside = !space;
    }
    return words;
  }

  /** All text, and all that went. */
  DedupData.SourceFunnel total() {
    return sources.stream()
        .reduce(DedupFigures::together)
        .orElse(new DedupData.SourceFunnel("", DedupData.Amount.NONE, Map.of()));
  }

  /** Clusters by size, up to the largest that there is. */
  List<DedupData.SizeClass> sizes() {
    Column size = lit(SIZES.length - 1);
    for (int i = SIZES.length - 2; i >= 0; i--) {
      size = when(col("size").leq(SIZES[i]), i).otherwise(size);
    }
    Map<Integer, Row> found = new TreeMap<>();
    for (Row row :
        clusters
            .select("cluster_id", "size")
            .distinct()
            .groupBy(size.as("class"))
            .agg(count(lit(1)), sum(col("size").minus(1)))
            .collectAsList()) {
      found.put(row.getInt(0), row);
    }
    List<DedupData.SizeClass> classes = new ArrayList<>();
    for (int i = 0; i < SIZES.length && !found.isEmpty(); i++) {
      Row row = found.get(i);
      classes.add(
          new DedupData.SizeClass(
              sizeName(i), row == null ? 0 : row.getLong(1), row == null ? 0 : row.getLong(2)));
      if (i == found.keySet().stream().mapToInt(Integer::intValue).max().orElse(0)) {
        break;
      }
    }
    return classes;
  }

  private static String sizeName(int i) {
    if (i == SIZES.length - 1) {
      return "over " + SIZES[i - 1];
    }
    long from = i == 0 ? SIZES[0] : SIZES[i - 1] + 1;
    return from == SIZES[i] ? Long.toString(from) : from + " to " + SIZES[i];
  }

  /** Members of clusters with the source they are shown under. */
  private Dataset<Row> members() {
    return clusters
        .join(documents.select("doc_id", "source"), "doc_id")
        .select(
            col("cluster_id"),
            when(col("source").isin(shown.toArray()), col("source")).otherwise(REST).as("source"))
        .groupBy("cluster_id", "source")
        .agg(count(lit(1)).as("documents"));
  }

  /** How the sources share text. */
  DedupData.Overlap overlap() {
    Dataset<Row> rows = members();
    Dataset<Row> columns = rows.select(col("cluster_id"), col("source").as("other"));
    Dataset<Row> shared =
        rows.join(columns, "cluster_id")
            .where(col("source").notEqual(col("other")).or(col("documents").gt(1)))
            .groupBy("source", "other")
            .agg(sum("documents"));
    long[][] matrix = new long[shown.size()][shown.size()];
    for (Row row : shared.collectAsList()) {
      matrix[shown.indexOf(row.getString(0))][shown.indexOf(row.getString(1))] = row.getLong(2);
    }
    return new DedupData.Overlap(
        shown, sources.stream().mapToLong(source -> source.in().documents()).toArray(), matrix);
  }

  /** The largest clusters, each with the removed document that is least similar to its survivor. */
  List<DedupData.Cluster> largest() {
    Dataset<Row> least =
        removed
            .where(col("cluster_id").isNotNull())
            .groupBy("cluster_id")
            .agg(
                min(struct(coalesce(col("similarity"), lit(1.0)), col("doc_id"), col("reason")))
                    .as("least"));
    List<Row> chosen =
        clusters
            .select("cluster_id", "size")
            .distinct()
            .orderBy(col("size").desc(), col("cluster_id"))
            .limit(SHOWN_CLUSTERS)
            .join(least, "cluster_id")
            .orderBy(col("size").desc(), col("cluster_id"))
            .collectAsList();
    Set<String> ids = new HashSet<>();
    Set<String> clusterIds = new HashSet<>();
    for (Row row : chosen) {
      ids.add(row.getString(0));
      clusterIds.add(row.getString(0));
      ids.add(row.getStruct(2).getString(1));
    }
    Map<String, String> texts = texts(ids);
    Map<String, Map<String, Long>> bySource = bySource(clusterIds);
    List<DedupData.Cluster> largest = new ArrayList<>();
    for (Row row : chosen) {
      Row member = row.getStruct(2);
      largest.add(
          new DedupData.Cluster(
              row.getLong(1),
              bySource.getOrDefault(row.getString(0), Map.of()),
              member.getDouble(0),
              new ReportData.DuplicatePair(
                  row.getString(0),
                  texts.getOrDefault(row.getString(0), "(its text is not part of this input)"),
                  member.getString(1),
                  texts.getOrDefault(member.getString(1), ""),
                  member.getDouble(0),
                  member.getString(2))));
    }
    return largest;
  }

  private Map<String, String> texts(Set<String> ids) {
    Map<String, String> texts = new HashMap<>();
    if (!ids.isEmpty()) {
      documents
          .where(col("doc_id").isin(ids.toArray()))
          .select(col("doc_id"), substring(col("text"), 1, SHOWN_CHARACTERS))
          .collectAsList()
          .forEach(row -> texts.put(row.getString(0), row.getString(1)));
    }
    return texts;
  }

  private Map<String, Map<String, Long>> bySource(Set<String> clusterIds) {
    Map<String, Map<String, Long>> bySource = new LinkedHashMap<>();
    if (!clusterIds.isEmpty()) {
      members()
          .where(col("cluster_id").isin(clusterIds.toArray()))
          .collectAsList()
          .forEach(
              row ->
                  bySource
                      .computeIfAbsent(row.getString(0), id -> new TreeMap<>())
                      .put(row.getString(1), row.getLong(2)));
    }
    return bySource;
  }

  private static String[] asArray(String column) {
    return new String[] {column};
  }
}
