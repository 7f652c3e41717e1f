package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;

import io.batchwright.technique.Paper;
import java.util.Iterator;
import java.util.TreeMap;
import net.openhft.hashing.LongTupleHashFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Finds documents whose normalised texts are equal: white space runs become one space, ends are
 * stripped, and case is folded if asked. Texts are compared by a 128-bit hash.
 *
 * <p>Blank texts all equal each other. Similarity is 1, which is also the Jaccard similarity of the
 * shingle sets, because every {@link ShingleUnit} folds case and white space.
 *
 * <p><b>Relations.</b> Goes before {@link MinHashLsh}: up to 40 % of duplicates are exact, and each
 * costs 16 bytes here.
 *
 * @param foldCase whether texts that differ only in case are equal
 */
@Paper(title = "Exact duplicate removal by 128-bit XXH3 of the normalised text")
public record ExactHash(boolean foldCase) implements Deduplicator {
  /** Case matters. */
  public static final ExactHash PAPER = new ExactHash(false);

  private static final LongTupleHashFunction HASH = LongTupleHashFunction.xx128();
  private static final StructType HASHED =
      new StructType()
          .add("doc_id", DataTypes.StringType, false)
          .add("high", DataTypes.LongType, false)
          .add("low", DataTypes.LongType, false);

  @Override
  public String reason() {
    return "exact_duplicate";
  }

  @Override
  public Duplicates find(DuplicateSearch search) {
    boolean perSource = search.scope() == Scope.PER_SOURCE;
    MapPartitionsFunction<Row, Row> hashing = rows -> hashed(rows, perSource);
    Dataset<Row> hashes =
        search
            .workspace()
            .keep(
                search
                    .documents()
                    .select("doc_id", "source", "text")
                    .mapPartitions(hashing, Encoders.row(HASHED))
                    .join(search.roster().select("doc_id", "ordinal"), "doc_id")
                    .select("high", "low", "ordinal"));
    Dataset<Row> groups =
        hashes
            .groupBy("high", "low")
            .agg(min("ordinal").as("survivor"), count(lit(1)).as("size"))
            .where(col("size").gt(1));
    Dataset<Row> duplicates =
        hashes
            .join(groups, new String[] {"high", "low"})
            .where(col("ordinal").notEqual(col("survivor")))
            .select(col("ordinal"), col("survivor"), lit(1.0).as("similarity"));
    return new Duplicates(duplicates, new TreeMap<>());
  }

  private Iterator<Row> hashed(Iterator<Row> rows, boolean perSource) {
    return new Iterator<>() {
      private final long[] halves = new long[2];

      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Row next() {
        Row row = rows.next();
        long salt = perSource ? HASH.hashChars(row.getString(1))[0] : 0;
        HASH.hashChars(normalized(row.getString(2)), halves);
        return RowFactory.create(row.get(0), halves[0] ^ salt, halves[1]);
      }
    };
  }

  /** The text that is compared. */
  String normalized(String text) {
    StringBuilder normal = new StringBuilder(text.length());
    boolean space = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isWhitespace(c) || Character.isSpaceChar(c) || c < 32) {
        space = normal.length() > 0;
        continue;
      }
      if (space) {
        normal.append(' ');
        space = false;
      }
      normal.append(foldCase ? Character.toLowerCase(c) : c);
    }
    return normal.toString();
  }
}
