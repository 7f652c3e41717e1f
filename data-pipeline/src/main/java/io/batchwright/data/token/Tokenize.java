package io.batchwright.data.token;

import io.batchwright.data.Tables;
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
 * @param maxTokens tokens of a text, special ones included; the rest is cut off and counted
 */
public record Tokenize(int maxTokens) implements Serializable {
  /** Enough for a method and its documentation. */
  public static final Tokenize DEFAULTS = new Tokenize(256);

  /** {@link Tables#TOKENS} and how many tokens were cut off each text. */
  public static final StructType SCHEMA =
      Tables.TOKENS.add(DataTypes.createStructField("truncated", DataTypes.IntegerType, false));

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
   */
  public Dataset<Row> apply(Dataset<Row> texts, TrainedTokenizer tokenizer, boolean marked) {
    Broadcast<String> json =
        JavaSparkContext.fromSparkContext(texts.sparkSession().sparkContext())
            .broadcast(tokenizer.json());
    String sha256 = tokenizer.sha256();
    int limit = maxTokens;
    return texts
        .select("text_id", "text")
        .mapPartitions(
            (MapPartitionsFunction<Row, Row>)
                rows ->
                    rows.hasNext()
                        ? new TokenRows(rows, json.value(), sha256, limit, marked)
                        : rows,
            Encoders.row(SCHEMA));
  }

  /** Encodes a batch at a time; the tokenizer is closed with the task. */
  private static final class TokenRows implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final Tokenizer tokenizer;
    private final String sha256;
    private final int maxTokens;
    private final SpecialTokens special;
    private final Queue<Row> ready = new ArrayDeque<>();

    TokenRows(Iterator<Row> rows, String json, String sha256, int maxTokens, boolean marked) {
      this.rows = rows;
      this.tokenizer = Tokenizer.load(json);
      this.sha256 = sha256;
      this.maxTokens = maxTokens;
      this.special = marked ? tokenizer.specialTokens() : SpecialTokens.NONE;
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
        int[] kept = special.around(encoded[i], maxTokens);
        int cut = encoded[i].length == 0 ? 0 : encoded[i].length + special.count() - kept.length;
        ready.add(RowFactory.create(ids.get(i), kept, kept.length, sha256, cut));
      }
    }
  }
}
