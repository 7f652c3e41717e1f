package io.batchwright.data.pack;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.data.Tables;
import io.batchwright.data.token.Ordinals;
import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Training samples of a language model: packed sequences, each a sample whose parts are pieces of
 * documents with the role {@value #ROLE}.
 *
 * <p>The pieces of each source are shuffled by a keyed hash, numbered, and packed in windows of
 * {@value #WINDOW}. So a sequence has one source, and nothing depends on Spark's partitions.
 *
 * @param packing which pieces share a sequence
 * @param sequenceLength the most tokens of a sequence, at least the longest piece
 * @param seed of the order in which pieces meet
 */
public record PackedSamples(Packing packing, int sequenceLength, long seed)
    implements Serializable {
  /** The role of a piece of a document. */
  public static final String ROLE = "text";

  /** Pieces that are packed together: many enough to fit, in a few hundred kilobytes. */
  static final int WINDOW = 16_384;

  private static final StructType PACKED =
      new StructType()
          .add("sample_id", DataTypes.StringType, false)
          .add("source", DataTypes.StringType, false)
          .add("parts", DataTypes.createArrayType(Tables.PART, false), false)
          .add("equal_hash", DataTypes.LongType, false);

  /** Checks the range. */
  public PackedSamples {
    Check.atLeast("PackedSamples.sequenceLength", sequenceLength, 1);
  }

  /**
   * Packs pieces; each is in exactly one sample.
   *
   * @param pieces {@code text_id, source, length}, each length in [1, {@code sequenceLength}]
   * @return {@link Tables#SAMPLES}
   */
  public Dataset<Row> of(Dataset<Row> pieces) {
    Dataset<Row> numbered =
        Ordinals.number(
            pieces
                .select("source", "text_id", "length")
                .withColumn("draw", xxhash64(lit(seed), col("text_id"))),
            "place",
            col("source"),
            col("draw"),
            col("text_id"));
    Dataset<Row> windows =
        numbered
            .withColumn("window", col("place").divide(WINDOW).cast("bigint"))
            .select("window", "place", "source", "text_id", "length");
    Dataset<Row> packed =
        windows
            .repartition(col("window"))
            .sortWithinPartitions("window", "place")
            .mapPartitions(
                (MapPartitionsFunction<Row, Row>) rows -> new Windows(rows), Encoders.row(PACKED));
    return Ordinals.number(packed, "sample", col("sample_id"));
  }

  /** Packs window after window; where a source ends in a window, its pieces stay by themselves. */
  private final class Windows implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final Queue<Row> ready = new ArrayDeque<>();
    private Row ahead;

    Windows(Iterator<Row> rows) {
      this.rows = rows;
      this.ahead = rows.hasNext() ? rows.next() : null;
    }

    @Override
    public boolean hasNext() {
      while (ready.isEmpty() && ahead != null) {
        fill();
      }
      return !ready.isEmpty();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.remove();
    }

    private void fill() {
      long window = ahead.getLong(0);
      long first = ahead.getLong(1);
      String source = ahead.getString(2);
      List<Row> pieces = new ArrayList<>();
      while (ahead != null && ahead.getLong(0) == window && ahead.getString(2).equals(source)) {
        pieces.add(ahead);
        ahead = rows.hasNext() ? rows.next() : null;
      }
      int[] lengths = pieces.stream().mapToInt(piece -> piece.getInt(4)).toArray();
      int[] sequences = packing.pack(lengths, sequenceLength);
      List<List<Row>> parts = new ArrayList<>();
      for (int i = 0; i < sequences.length; i++) {
        while (parts.size() <= sequences[i]) {
          parts.add(new ArrayList<>());
        }
        parts.get(sequences[i]).add(RowFactory.create(ROLE, pieces.get(i).getLong(3), lengths[i]));
      }
      for (int s = 0; s < parts.size(); s++) {
        ready.add(sample("s%012d-%06d".formatted(first, s), source, parts.get(s)));
      }
    }

    private Row sample(String id, String source, List<Row> parts) {
      int tokens = parts.stream().mapToInt(part -> part.getInt(2)).sum();
      if (parts.isEmpty() || tokens > sequenceLength) {
        throw new IllegalStateException(
            "%s made a sequence of %d pieces and %d tokens, where %d are the most"
                .formatted(packing, parts.size(), tokens, sequenceLength));
      }
      // Whatever it stands beside is not its negative: there is none in a language model.
      return RowFactory.create(id, source, parts.toArray(), parts.get(0).getLong(1));
    }
  }
}
