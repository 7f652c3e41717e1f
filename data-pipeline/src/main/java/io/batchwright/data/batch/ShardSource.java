package io.batchwright.data.batch;

import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.pack.PackedSamples;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructType;

/** What shards are made of: samples and their texts, looked at once for all epochs. */
public final class ShardSource {
  /** Known positives that a query keeps; of more, those with the lowest ids. */
  static final int MOST_KNOWN_POSITIVES = 1_024;

  private final Dataset<Row> samples;
  private final Dataset<Row> texts;
  private final ShardColumns columns;

  private ShardSource(Dataset<Row> samples, Dataset<Row> texts, ShardColumns columns) {
    this.samples = samples;
    this.texts = texts;
    this.columns = columns;
  }

  /**
   * Looks at the samples. Where a query has several positives among them, each of its samples gets
   * all, {@value #MOST_KNOWN_POSITIVES} at most, so that a loss can leave them out of the
   * negatives.
   *
   * @param samples {@link io.batchwright.data.Tables#SAMPLES}; a column {@code weight} and a field
   *     {@code score} of the parts are used where there are any
   * @param tokens the tokens of all texts of the samples
   * @param guide a guide's vectors, {@code text_id} and {@code embedding}, for every text of the
   *     samples; or none
   * @throws BatchwrightException if samples differ in what they hold: losses find the texts of a
   *     sample by their number
   */
  public static ShardSource of(
      Dataset<Row> samples, Dataset<Row> tokens, Optional<Dataset<Row>> guide) {
    Dataset<Row> known = knownPositives(samples);
    boolean several = !known.isEmpty();
    boolean scores = hasScores(samples);
    boolean weighted = Arrays.asList(samples.columns()).contains("weight");
    Dataset<Row> read =
        samples.select(
            col("sample"),
            col("equal_hash"),
            (weighted ? col("weight").cast("float") : lit(1.0f)).as("weight"),
            col("parts"));
    return new ShardSource(
        several
            ? read.join(known, new String[] {"equal_hash"}, "left")
            : read.withColumn("known_positives", lit(null).cast("array<bigint>")),
        texts(tokens, guide),
        new ShardColumns(roles(samples), scores, guide.isPresent(), several));
  }

  /** {@code sample, equal_hash, weight, parts, known_positives}; the last may be null. */
  Dataset<Row> samples() {
    return samples;
  }

  /** {@code text_id, tokens, guide}; the last may be null. */
  Dataset<Row> texts() {
    return texts;
  }

  /** What the shards hold. */
  ShardColumns columns() {
    return columns;
  }

  private static Dataset<Row> texts(Dataset<Row> tokens, Optional<Dataset<Row>> guide) {
    Dataset<Row> texts = tokens.select("text_id", "tokens");
    return guide.isEmpty()
        ? texts.withColumn("guide", lit(null).cast("array<float>"))
        : texts.join(
            guide.get().select(col("text_id"), col("embedding").cast("array<float>").as("guide")),
            new String[] {"text_id"},
            "left");
  }

  /** {@code equal_hash, known_positives} of the queries that have several. */
  private static Dataset<Row> knownPositives(Dataset<Row> samples) {
    return samples
        .select(
            col("equal_hash"),
            explode(expr("filter(parts, part -> part.role = 'positive').text_id")).as("positive"))
        .groupBy("equal_hash")
        .agg(collect_set(col("positive")).as("positives"))
        .where("size(positives) > 1")
        .select(
            col("equal_hash"),
            slice(array_sort(col("positives")), 1, MOST_KNOWN_POSITIVES).as("known_positives"));
  }

  private static boolean hasScores(Dataset<Row> samples) {
    ArrayType parts = (ArrayType) samples.schema().apply("parts").dataType();
    return Arrays.asList(((StructType) parts.elementType()).fieldNames()).contains("score");
  }

  /** A packed sequence has as many pieces as fit; they count as one text. */
  private static Column rolesOfSample() {
    Column roles = col("parts.role");
    return when(array_contains(roles, PackedSamples.ROLE), array_distinct(roles))
        .otherwise(array_sort(roles));
  }

  /** Query and positive first, then the others by name. */
  private static List<String> roles(Dataset<Row> samples) {
    List<List<String>> kinds =
        samples.select(rolesOfSample().as("roles")).distinct().limit(2).collectAsList().stream()
            .map(row -> row.<String>getList(0))
            .toList();
    if (kinds.size() > 1) {
      throw BatchwrightException.data(
          "each sample needs the same number of texts with the same roles; there are %s and %s"
              .formatted(kinds.get(0), kinds.get(1)));
    }
    Comparator<String> order =
        Comparator.comparingInt((String role) -> role.equals("query") ? 0 : 1)
            .thenComparingInt(role -> role.equals("positive") ? 0 : 1)
            .thenComparing(Comparator.naturalOrder());
    return kinds.stream().flatMap(List::stream).distinct().sorted(order).toList();
  }
}
