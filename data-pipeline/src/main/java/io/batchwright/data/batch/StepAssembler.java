package io.batchwright.data.batch;

import io.batchwright.data.RowVectors;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.pack.PackedSamples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Row;

/** Gathers the sorted rows of a lane into steps; a step without rows is a batch without samples. */
final class StepAssembler {
  private static final int STEP = 0;
  private static final int POSITION = 1;
  private static final int SAMPLE = 3;
  private static final int EQUAL_HASH = 4;
  private static final int WEIGHT = 5;
  private static final int ROLE = 6;
  private static final int TEXT = 7;
  private static final int TOKENS = 8;
  private static final int PARTITION_KEY = 9;
  private static final int SCORE = 10;
  private static final int GUIDE = 11;
  private static final int KNOWN_POSITIVES = 12;

  private final Iterator<Row> rows;
  private final int epoch;
  private final ShardColumns columns;
  private final int partitionKey;
  private Row ahead;

  StepAssembler(Iterator<Row> rows, int epoch, ShardColumns columns, int partitionKey) {
    this.rows = rows;
    this.epoch = epoch;
    this.columns = columns;
    this.partitionKey = partitionKey;
    advance();
  }

  /** The batch of {@code step}; steps are asked for in ascending order. */
  StepBatch assemble(long step) {
    List<Row> samples = new ArrayList<>();
    SortedMap<String, List<Row>> texts = new TreeMap<>();
    columns.roles().forEach(role -> texts.put(role, new ArrayList<>()));
    int position = -1;
    while (ahead != null && ahead.getLong(STEP) == step) {
      if (ahead.getInt(POSITION) != position) {
        position = ahead.getInt(POSITION);
        samples.add(ahead);
      }
      texts.get(ahead.getString(ROLE)).add(ahead);
      advance();
    }
    if (ahead != null && ahead.getLong(STEP) < step) {
      throw new IllegalStateException("row of step " + ahead.getLong(STEP) + " after " + step);
    }
    float[] weights = new float[samples.size()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = samples.get(i).getFloat(WEIGHT);
    }
    SortedMap<String, RoleBatch> batches = new TreeMap<>();
    texts.forEach(
        (role, rowsOfRole) -> batches.put(role, role(rowsOfRole, role.equals(PackedSamples.ROLE))));
    return new StepBatch(
        epoch,
        step,
        samples.stream().mapToInt(row -> row.getInt(POSITION)).toArray(),
        samples.stream().mapToLong(row -> row.getLong(SAMPLE)).toArray(),
        samples.stream().mapToLong(row -> row.getLong(EQUAL_HASH)).toArray(),
        weights,
        knownPositives(samples),
        batches);
  }

  private KnownPositives knownPositives(List<Row> samples) {
    if (!columns.knownPositives()) {
      return KnownPositives.ABSENT;
    }
    return KnownPositives.of(
        samples.stream()
            .map(
                row ->
                    row.isNullAt(KNOWN_POSITIVES)
                        ? new long[0]
                        : row.<Long>getList(KNOWN_POSITIVES).stream()
                            .mapToLong(Long::longValue)
                            .toArray())
            .toList());
  }

  private void advance() {
    ahead = rows.hasNext() ? rows.next() : null;
    if (ahead != null && ahead.getInt(PARTITION_KEY) != partitionKey) {
      throw new IllegalStateException(
          "Spark sent a row with key %d to the partition of key %d"
              .formatted(ahead.getInt(PARTITION_KEY), partitionKey));
    }
  }

  /**
   * The texts of a role.
   *
   * @param packed whether the texts of a sample are one sequence
   */
  private RoleBatch role(List<Row> rows, boolean packed) {
    int[] tokens = new int[1 << 10];
    int[] positionIds = new int[1 << 10];
    int[] cuSeqlens = new int[rows.size() + 1];
    long[] textIds = new long[rows.size()];
    int length = 0;
    int sequences = 0;
    for (int i = 0; i < rows.size(); i++) {
      List<Integer> ids = rows.get(i).getList(TOKENS);
      boolean begins =
          !packed || i == 0 || rows.get(i).getInt(POSITION) != rows.get(i - 1).getInt(POSITION);
      if (begins) {
        textIds[sequences++] = rows.get(i).getLong(TEXT);
      }
      if (length + ids.size() > tokens.length) {
        int capacity = Math.max(length + ids.size(), 2 * tokens.length);
        tokens = Arrays.copyOf(tokens, capacity);
        positionIds = Arrays.copyOf(positionIds, capacity);
      }
      int position = 0;
      for (Integer id : ids) {
        tokens[length] = id;
        positionIds[length++] = position++;
      }
      cuSeqlens[sequences] = length;
    }
    return new RoleBatch(
        Arrays.copyOf(tokens, length),
        Arrays.copyOf(cuSeqlens, sequences + 1),
        Arrays.copyOf(positionIds, length),
        Arrays.copyOf(textIds, sequences),
        scores(rows),
        guide(rows));
  }

  private float[] scores(List<Row> rows) {
    float[] scores = new float[columns.scores() ? rows.size() : 0];
    for (int i = 0; i < scores.length; i++) {
      if (rows.get(i).isNullAt(SCORE)) {
        // Of a query there is nothing to judge.
        scores[i] = Float.NaN;
      } else {
        scores[i] = rows.get(i).getFloat(SCORE);
      }
    }
    return scores;
  }

  private float[] guide(List<Row> rows) {
    if (!columns.guide() || rows.isEmpty()) {
      return new float[0];
    }
    float[] guide = null;
    int dims = 0;
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).isNullAt(GUIDE)) {
        throw BatchwrightException.data(
            "the guide has no vector of text %d".formatted(rows.get(i).getLong(TEXT)));
      }
      List<Float> vector = rows.get(i).getList(GUIDE);
      if (guide == null) {
        dims = vector.size();
        guide = new float[Math.multiplyExact(rows.size(), dims)];
      }
      if (vector.size() != dims) {
        throw BatchwrightException.data(
            "the guide's vectors have unequal lengths: %d dims, and %d for text %d"
                .formatted(dims, vector.size(), rows.get(i).getLong(TEXT)));
      }
      RowVectors.copy(vector, guide, i * dims);
    }
    return guide;
  }
}
