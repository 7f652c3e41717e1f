package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.col;

import io.batchwright.technique.Paper;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
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
 * costs 32 bytes of shuffle here.
 *
 * @param foldCase whether texts that differ only in case are equal
 */
@Paper(title = "Exact duplicate removal by 128-bit XXH3 of the normalised text")
public record ExactHash(boolean foldCase) implements Deduplicator {
  /** Case matters. */
  public static final ExactHash PAPER = new ExactHash(false);

  private static final LongTupleHashFunction HASH = LongTupleHashFunction.xx128();
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final StructType HASHED =
      new StructType()
          .add("high", DataTypes.LongType, false)
          .add("low", DataTypes.LongType, false)
          .add("ordinal", DataTypes.LongType, false)
          .add("origin", DataTypes.LongType, false);

  @Override
  public String reason() {
    return "exact_duplicate";
  }

  @Override
  public boolean transitive() {
    return true;
  }

  @Override
  public Fingerprinter fingerprinter() {
    return new Hasher(foldCase);
  }

  @Override
  public Duplicates find(DuplicateSearch search) {
    boolean acrossOrigins = search.scope() == Scope.ACROSS_SOURCES;
    if (search.local().isPresent()) {
      return Duplicates.local(
          search.documents().sparkSession(), search.local().get().equal(acrossOrigins));
    }
    MapPartitionsFunction<Row, Row> hashing = ExactHash::hashes;
    Dataset<Row> duplicates =
        search
            .roster()
            .select("print", "part", "ordinal", "origin")
            .mapPartitions(hashing, Encoders.row(HASHED))
            .repartition(col("high"))
            .sortWithinPartitions("high", "low", "ordinal")
            .mapPartitions(new EqualRuns(acrossOrigins), Encoders.row(Duplicates.SCHEMA));
    return new Duplicates(duplicates, new TreeMap<>());
  }

  private static Iterator<Row> hashes(Iterator<Row> rows) {
    return new RowByRow(rows) {
      @Override
      protected Row convert(Row row) {
        byte[] print = row.getAs(0);
        long high = (long) LONGS.get(print, Long.BYTES) ^ row.getLong(1);
        return RowFactory.create(high, (long) LONGS.get(print, 0), row.get(2), row.get(3));
      }
    };
  }

  /** Hashes one text after another in one buffer. */
  private static final class Hasher implements Fingerprinter {
    private static final char[] KEPT = table(false); // what each character becomes
    private static final char[] FOLDED = table(true);

    private final boolean foldCase;
    private final long[] halves = new long[2];
    private char[] chars = new char[4096];

    Hasher(boolean foldCase) {
      this.foldCase = foldCase;
    }

    @Override
    public byte[] of(String text) {
      if (chars.length < text.length()) {
        chars = new char[Math.max(text.length(), chars.length * 2)];
      }
      text.getChars(0, text.length(), chars, 0);
      HASH.hashChars(chars, 0, normalize(text.length()), halves);
      byte[] print = new byte[2 * Long.BYTES];
      LONGS.set(print, 0, halves[0]);
      LONGS.set(print, Long.BYTES, halves[1]);
      return print;
    }

    /**
     * Normalises the first {@code length} characters in place; returns how many are left. Without a
     * branch that text decides: each character is stored, and counts if it is visible or the first
     * blank after a visible one.
     */
    private int normalize(int length) {
      char[] text = chars;
      char[] becomes = foldCase ? FOLDED : KEPT;
      int kept = 0;
      int blankBefore = 1; // or nothing
      for (int i = 0; i < length; i++) {
        char c = becomes[text[i]];
        int blank = c == ' ' ? 1 : 0;
        text[kept] = c;
        kept += 1 ^ blank & blankBefore;
        blankBefore = blank;
      }
      return kept - (kept > 0 ? blankBefore : 0);
    }

    private static char[] table(boolean fold) {
      char[] table = new char[1 << Character.SIZE];
      for (int c = 0; c < table.length; c++) {
        boolean blank = c <= 32 || Character.isWhitespace(c) || Character.isSpaceChar(c);
        table[c] = blank ? ' ' : fold ? Character.toLowerCase((char) c) : (char) c;
      }
      return table;
    }
  }
}
