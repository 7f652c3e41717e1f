package io.batchwright.data.dedup.index;

import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of an index: one a document of each snapshot, and one that holds its {@link IndexHead}.
 *
 * <table>
 * <caption>Columns</caption>
 * <tr><td>snapshot</td><td>the partition; {@code _head} for the head; {@code _was.NAME.GENERATION}
 *     for a version that a late correction replaced</td></tr>
 * <tr><td>state</td><td>{@code survivor}, {@code removed} or {@code head}</td></tr>
 * <tr><td>number</td><td>survivors: dense over the index, given in the order of doc_id</td></tr>
 * <tr><td>doc_id, source</td><td>as given</td></tr>
 * <tr><td>content</td><td>survivors: 128 bits of the text as ExactHash sees it</td></tr>
 * <tr><td>bands</td><td>survivors: the band keys, 8 bytes each; null without shingles</td></tr>
 * <tr><td>shingles</td><td>survivors: the shingle set, {@link
 *     io.batchwright.data.dedup.CompactShingles}; null without
 *     MinHashLsh</td></tr>
 * <tr><td>reason, survivor_id, survivor_snapshot, similarity</td><td>removed documents: why, and
 *     which document stands for them</td></tr>
 * <tr><td>detail</td><td>the head as JSON</td></tr>
 * </table>
 */
final class IndexEntries {
  /** The version of the layout and of what its bytes mean. */
  static final int VERSION = 1;

  static final String HEAD = "_head";

  /** What the partitions of replaced versions begin with ({@link ReplacedSnapshot}). */
  static final String ASIDE = "_was.";

  static final String SURVIVOR = "survivor";
  static final String REMOVED = "removed";

  static final StructType SCHEMA =
      new StructType()
          .add("snapshot", DataTypes.StringType, true)
          .add("state", DataTypes.StringType, true)
          .add("number", DataTypes.LongType, true)
          .add("doc_id", DataTypes.StringType, true)
          .add("source", DataTypes.StringType, true)
          .add("content", DataTypes.BinaryType, true)
          .add("bands", DataTypes.BinaryType, true)
          .add("shingles", DataTypes.BinaryType, true)
          .add("reason", DataTypes.StringType, true)
          .add("survivor_id", DataTypes.StringType, true)
          .add("survivor_snapshot", DataTypes.StringType, true)
          .add("similarity", DataTypes.DoubleType, true)
          .add("detail", DataTypes.StringType, true);

  private IndexEntries() {}
}
