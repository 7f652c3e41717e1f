package io.batchwright.data.token;

import static org.apache.spark.sql.functions.shiftright;

import io.batchwright.data.Tables;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Turns texts into token ids, one tokenizer per task.
 *
 * @param maxTokens tokens of a text, special ones included; the rest is cut off and counted. Of a
 *     language model: tokens of a sequence; the rest of a longer document becomes further pieces
 */
public record Tokenize(int maxTokens) implements Serializable {
  /** Enough for a method and its documentation. */
  public static final Tokenize DEFAULTS = new Tokenize(256);

  /** {@link Tables#TOKENS} and how many tokens were cut off each text. */
  public static final StructType SCHEMA =
      Tables.TOKENS.add(DataTypes.createStructField("truncated", DataTypes.IntegerType, false));

  /** Bits of a piece's {@code text_id} that number it in its document; those above name this. */
  private static final int PIECE_BITS = 20;

  private static final long PIECES = 1L << PIECE_BITS;

  private static final int BATCH = 256;

  /** Checks the ranges. */
  public Tokenize {
    Check.atLeast("Tokenize.maxTokens", maxTokens, 1);
  }

  /** This one, or one that keeps {@code most} tokens where that is less. */
  public Tokenize atMost(int most) {
    return new Tokenize(Math.min(maxTokens, most));
  }

  /**
   * Tokenizes {@code texts(text_id, text)}. A text without tokens gets an empty list.
   *
   * @param marked whether the tokenizer's special tokens go around every text that has tokens
   * @return {@link #SCHEMA}
   * @throws BatchwrightException if special tokens leave no room in {@code maxTokens}
   */
  public Dataset<Row> apply(Dataset<Row> texts, TrainedTokenizer tokenizer, boolean marked) {
    return rows(texts, tokenizer, marked ? Marks.AROUND_TEXTS : Marks.NONE);
  }

  /**
   * Tokenizes documents {@code (text_id, text)} whole: a longer one becomes several pieces, its
   * tokens in their order, and nothing is cut off. A document without tokens has no piece.
   *
   * @param marks where the tokenizer's special tokens go
   * @return {@link #SCHEMA}; {@code text_id} is the piece's, see {@link #document}
   * @throws BatchwrightException if special tokens leave no room in {@code maxTokens}
   */
  public Dataset<Row> pieces(Dataset<Row> texts, TrainedTokenizer tokenizer, Marks marks) {
    return rows(texts, tokenizer, marks);
  }

  /** The {@code text_id} of the document that a piece is of. */
  public static Column document(Column piece) {
    return shiftright(piece, PIECE_BITS);
  }

  private Dataset<Row> rows(Dataset<Row> texts, TrainedTokenizer tokenizer, Marks marks) {
    Cut cut = new Cut(marks, marks.of(tokenizer.json()), maxTokens);
    cut.requireRoom();
    Broadcast<String> json =
        JavaSparkContext.fromSparkContext(texts.sparkSession().sparkContext())
            .broadcast(tokenizer.json());
    String sha256 = tokenizer.sha256();
    return texts
        .select("text_id", "text")
        .mapPartitions(
            (MapPartitionsFunction<Row, Row>)
                rows -> rows.hasNext() ? new TokenRows(rows, json.value(), sha256, cut) : rows,
            Encoders.row(SCHEMA));
  }

  /** What becomes of a text's tokens. */
  private record Cut(Marks marks, SpecialTokens special, int maxTokens) implements Serializable {
    void requireRoom() {
      int least = marks.least(special);
      if (maxTokens < least) {
        throw BatchwrightException.usage(
            ("tokens.tokenize.maxTokens, and what the model reads at most, must be at least %d, got"
                    + " %d: %s.")
                .formatted(
                    least,
                    maxTokens,
                    marks.overlap() > 0
                        ? "a token and the one that follows"
                        : "%d special tokens and one of the text".formatted(special.count())));
      }
    }
  }

  /** Encodes a batch at a time; the tokenizer is closed with the task. */
  private static final class TokenRows implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final Tokenizer tokenizer;
    private final String sha256;
    private final Cut cut;
    private final Queue<Row> ready = new ArrayDeque<>();

    TokenRows(Iterator<Row> rows, String json, String sha256, Cut cut) {
      this.rows = rows;
      this.tokenizer = Tokenizer.load(json);
      this.sha256 = sha256;
      this.cut = cut;
      TaskContext.get()
          .addTaskCompletionListener((TaskCompletionListener) context -> tokenizer.close());
    }

    @Override
    public boolean hasNext() {
      if (ready.isEmpty() && rows.hasNext()) {
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
      List<Long> ids = new ArrayList<>(BATCH);
      List<String> texts = new ArrayList<>(BATCH);
      while (rows.hasNext() && texts.size() < BATCH) {
        Row row = rows.next();
        ids.add(row.getLong(0));
        texts.add(row.isNullAt(1) ? "" : row.getString(1));
      }
      int[][] encoded = tokenizer.encode(texts);
      for (int i = 0; i < encoded.length; i++) {
        int[] tokens = encoded[i];
        if (cut.marks().cuts()) {
          addPieces(ids.get(i), cut.marks().pieces(tokens, cut.special(), cut.maxTokens()));
        } else {
          int[] kept = cut.special().around(tokens, cut.maxTokens());
          int lost = tokens.length == 0 ? 0 : tokens.length + cut.special().count() - kept.length;
          ready.add(RowFactory.create(ids.get(i), kept, kept.length, sha256, lost));
        }
      }
    }

    private void addPieces(long document, List<int[]> pieces) {
      if (pieces.size() > PIECES) {
        throw BatchwrightException.data(
            "text %d has %,d pieces of %d tokens, more than %,d; cut it into documents first"
                .formatted(document, pieces.size(), cut.maxTokens(), PIECES));
      }
      for (int i = 0; i < pieces.size(); i++) {
        int[] tokens = pieces.get(i);
        ready.add(RowFactory.create(document * PIECES + i, tokens, tokens.length, sha256, 0));
      }
    }
  }
}
