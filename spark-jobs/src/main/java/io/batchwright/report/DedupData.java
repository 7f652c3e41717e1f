package io.batchwright.report;

import java.util.List;
import java.util.Map;

/**
 * All that the report of a deduplication says, ready to be laid out.
 *
 * @param title the page's title
 * @param verdict one sentence that follows the figures
 * @param provenance what the figures stand on
 * @param tiles the figures of the first screen
 * @param ledger the ledger, stage by stage
 * @param sources what became of each source, the largest first, then the rest together
 * @param clusterSizes clusters by size
 * @param clusters the largest clusters, each with one of its removed documents
 * @param overlap how the sources share text
 * @param warnings what a reader should know before trusting the figures
 * @param config every resolved value with its origin
 * @param rerun commands to go on with
 * @param limits what the figures do not show
 */
public record DedupData(
    String title,
    String verdict,
    ReportData.Provenance provenance,
    List<ReportData.Tile> tiles,
    List<ReportData.FunnelStage> ledger,
    List<SourceFunnel> sources,
    List<SizeClass> clusterSizes,
    List<Cluster> clusters,
    Overlap overlap,
    List<String> warnings,
    List<ReportData.Setting> config,
    List<String> rerun,
    List<String> limits) {

  /**
   * An amount of text.
   *
   * @param documents their number
   * @param bytes their size in UTF-8
   * @param words runs of characters other than white space
   */
  public record Amount(long documents, long bytes, long words) {
    /** Nothing. */
    public static final Amount NONE = new Amount(0, 0, 0);

    /** Both together. */
    public Amount plus(Amount other) {
      return new Amount(documents + other.documents, bytes + other.bytes, words + other.words);
    }
  }

  /** One source: all of its text, and what went by cause. */
  public record SourceFunnel(String source, Amount in, Map<String, Amount> removed) {}

  /** Clusters of one class of sizes, and the documents that they lost. */
  public record SizeClass(String sizes, long clusters, long removed) {}

  /**
   * One cluster.
   *
   * @param size its documents, the survivor among them
   * @param sources documents of it by source
   * @param lowest the lowest similarity of a removed document to the survivor; NaN where unknown
   * @param pair the survivor beside the least similar document
   */
  public record Cluster(
      long size, Map<String, Long> sources, double lowest, ReportData.DuplicatePair pair) {}

  /**
   * Documents of the row's source that share a cluster with a document of the column's; on the
   * diagonal, with another one of their own.
   *
   * @param sources names of rows and columns
   * @param documents all documents of each source
   * @param shared counts of documents
   */
  public record Overlap(List<String> sources, long[] documents, long[][] shared) {}
}
