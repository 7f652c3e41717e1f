package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.max_by;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.ledger.Reasons;
import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Ends a run with exit code 3, before anything is published, where filters and duplicates would
 * take more than is plausible. Off by default: both shares are 1.
 *
 * @param maximumSourceLoss the largest share of its documents that one source may lose, in (0, 1];
 *     1 allows all
 * @param maximumClusterShare the largest share of all documents that one cluster of duplicates may
 *     hold, in (0, 1]; 1 allows all, 0.001 is a good limit for crawls
 * @param minimumSourceSize documents below which a source is not judged, at least 1
 * @param minimumClusterSize documents below which a cluster is not judged, at least 2: in a corpus
 *     of 500 documents, two copies are 0.4 %
 */
public record StopLoss(
    double maximumSourceLoss,
    double maximumClusterShare,
    long minimumSourceSize,
    long minimumClusterSize)
    implements Serializable {
  /** Nothing stops a run; sources below 100 and clusters below 100 documents are not judged. */
  public static final StopLoss DEFAULTS = new StopLoss(1, 1, 100, 100);

  public StopLoss {
    Check.range("StopLoss.maximumSourceLoss", maximumSourceLoss, 0, false, 1, true);
    Check.range("StopLoss.maximumClusterShare", maximumClusterShare, 0, false, 1, true);
    Check.atLeast("StopLoss.minimumSourceSize", minimumSourceSize, 1);
    Check.atLeast("StopLoss.minimumClusterSize", minimumClusterSize, 2);
  }

  /**
   * Requires that what goes is plausible; runs a few small jobs where a limit is set.
   *
   * @param documents all documents of the stage (source)
   * @param removed what is to go (source, reason, cluster_id)
   * @throws BatchwrightException with exit code 3, naming each source and the cluster
   */
  void require(Dataset<Row> documents, Dataset<Row> removed) {
    List<String> breaches = new ArrayList<>();
    if (maximumSourceLoss < 1) {
      breaches.addAll(sources(documents, removed));
    }
    if (maximumClusterShare < 1) {
      breaches.addAll(cluster(documents.count(), removed));
    }
    if (!breaches.isEmpty()) {
      throw BatchwrightException.data(
          "Stopped before anything was published, because more would go than stopLoss allows:\n  "
              + String.join("\n  ", breaches)
              + "\nLook at the documents (a template, a filter that fits another language?), or"
              + " raise the limit.");
    }
  }

  private List<String> sources(Dataset<Row> documents, Dataset<Row> removed) {
    SortedMap<String, Long> all = Reasons.by(documents, "source");
    List<String> breaches = new ArrayList<>();
    Reasons.by(removed, "source")
        .forEach(
            (source, lost) -> {
              long had = all.getOrDefault(source, 0L);
              if (had >= minimumSourceSize && lost > maximumSourceLoss * had) {
                Map<String, Long> causes =
                    Reasons.count(removed.where(col("source").equalTo(source)));
                breaches.add(
                    String.format(
                        Locale.ROOT,
                        "source %s loses %,d of %,d documents (%.1f %%) %s; maximumSourceLoss is"
                            + " %s",
                        source,
                        lost,
                        had,
                        100.0 * lost / had,
                        causes,
                        maximumSourceLoss));
              }
            });
    return breaches;
  }

  private List<String> cluster(long documents, Dataset<Row> removed) {
    Row largest =
        removed
            .where(col("cluster_id").isNotNull())
            .groupBy("cluster_id")
            .agg(count(lit(1)).plus(1).as("size"))
            .agg(coalesce(max_by(col("cluster_id"), col("size")), lit("")), max("size"))
            .head();
    long size = largest.isNullAt(1) ? 0 : largest.getLong(1);
    if (size < minimumClusterSize || size <= maximumClusterShare * documents) {
      return List.of();
    }
    return List.of(
        String.format(
            Locale.ROOT,
            "the cluster of %s holds %,d of %,d documents (%.2f %%); maximumClusterShare is %s",
            largest.getString(0),
            size,
            documents,
            100.0 * size / documents,
            maximumClusterShare));
  }
}
