package io.batchwright.data.search;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.failure.BatchwrightException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import scala.collection.Iterator;
import scala.collection.Seq;

/**
 * Vectors by id, ours or made elsewhere, checked once: all of one length, every number finite,
 * every id once.
 *
 * @param rows {@code id} string, {@code embedding} array of float, not zero
 * @param zero the ids of vectors of zeros: texts of which the model knows no token
 * @param count how many vectors there are, those of zeros included
 * @param zeroCount how many vectors of zeros
 * @param dims the length of each
 * @param smallestNorm the smallest euclidean norm that is not 0
 * @param largestNorm the largest
 */
public record EmbeddingTable(
    Dataset<Row> rows,
    Dataset<Row> zero,
    long count,
    long zeroCount,
    int dims,
    double smallestNorm,
    double largestNorm) {

  /** How far from 1 the norms of vectors that count as unit-length may be. */
  private static final double UNIT = 1e-3;

  /** Spark interprets lambdas of its own aggregate, which takes a multiple of the time. */
  private static final UserDefinedFunction NORM =
      udf((UDF1<Seq<Float>, Double>) EmbeddingTable::norm, DataTypes.DoubleType);

  /**
   * Checks a table.
   *
   * @param what its name in messages, such as {@code query embeddings}
   * @param table with the columns {@code id} and {@code embedding}, a list of numbers
   * @throws BatchwrightException with exit code 3 if it is empty, repeats an id, mixes lengths, or
   *     holds a missing or infinite number; the message names an id
   */
  public static EmbeddingTable check(String what, Dataset<Row> table) {
    Dataset<Row> vectors =
        table
            .select(
                col("id").cast("string").as("id"),
                col("embedding").cast("array<float>").as("embedding"))
            .withColumn("dims", expr("coalesce(size(embedding), -1)"))
            .withColumn("norm", norm(col("embedding")));
    Row figures =
        vectors
            .agg(
                functions.count(lit(1)),
                countDistinct(col("id")),
                min("dims"),
                max("dims"),
                sum(when(unusable(), 1).otherwise(0)),
                sum(when(col("norm").equalTo(0), 1).otherwise(0)),
                min(when(col("norm").gt(0), col("norm"))),
                max("norm"))
            .head();
    long rows = figures.getLong(0);
    if (rows == 0) {
      throw BatchwrightException.data("There are no %s.".formatted(what));
    }
    if (figures.getLong(4) > 0) {
      throw BatchwrightException.data(
          "%,d of the %s are missing or hold a number that is not finite, such as that of %s."
              .formatted(figures.getLong(4), what, example(vectors.where(unusable()))));
    }
    if (figures.getInt(2) != figures.getInt(3)) {
      throw BatchwrightException.data(
          "The %s have unequal lengths: %d dims for %s, %d for %s."
              .formatted(
                  what,
                  figures.getInt(2),
                  example(vectors.where(col("dims").equalTo(figures.getInt(2)))),
                  figures.getInt(3),
                  example(vectors.where(col("dims").equalTo(figures.getInt(3))))));
    }
    if (figures.getLong(1) != rows) {
      throw BatchwrightException.data(
          "The %s hold %,d rows for %,d ids; %s comes more than once."
              .formatted(
                  what,
                  rows,
                  figures.getLong(1),
                  example(vectors.groupBy("id").count().where(col("count").gt(1)))));
    }
    return new EmbeddingTable(
        vectors.where(col("norm").gt(0)).select("id", "embedding"),
        vectors.where(col("norm").equalTo(0)).select("id"),
        rows,
        figures.getLong(5),
        figures.getInt(3),
        figures.isNullAt(6) ? 0 : figures.getDouble(6),
        figures.getDouble(7));
  }

  /** Whether every vector but those of zeros has unit length, so that the product is the cosine. */
  public boolean unitLength() {
    return Math.abs(smallestNorm - 1) <= UNIT && Math.abs(largestNorm - 1) <= UNIT;
  }

  /**
   * Requires vectors that can be compared with these, the queries'.
   *
   * @throws IllegalArgumentException if they have other dims
   */
  public void requireDimsOf(EmbeddingTable documents) {
    if (dims != documents.dims) {
      throw new IllegalArgumentException(
          "queries have %d dims and documents %d".formatted(dims, documents.dims));
    }
  }

  /**
   * Requires a vector for each of {@code ids}.
   *
   * @param what the texts in messages, such as {@code queries}
   * @param ids a column {@code id}
   * @throws BatchwrightException with exit code 3 if one is missing; the message names it
   */
  public void requireAll(String what, Dataset<Row> ids) {
    Dataset<Row> missing =
        ids.select("id")
            .distinct()
            .join(rows.select("id").union(zero), new String[] {"id"}, "left_anti");
    long count = missing.count();
    if (count > 0) {
      throw BatchwrightException.data(
          "%,d of the %s have no embedding, such as %s.".formatted(count, what, example(missing)));
    }
  }

  /**
   * The euclidean norm of vectors; null where a vector or one of its numbers is.
   *
   * @param vector array of float
   */
  public static Column norm(Column vector) {
    return NORM.apply(vector);
  }

  private static Double norm(Seq<Float> vector) {
    if (vector == null) {
      return null;
    }
    double squares = 0;
    Iterator<Float> numbers = vector.iterator();
    while (numbers.hasNext()) {
      Float number = numbers.next();
      if (number == null) {
        return null;
      }
      squares += number.doubleValue() * number;
    }
    return Math.sqrt(squares);
  }

  private static Column unusable() {
    // The norm is null where a number or the whole vector is, and not finite where one is not.
    return col("norm")
        .isNull()
        .or(col("norm").equalTo(Double.POSITIVE_INFINITY))
        .or(col("norm").isNaN())
        .or(col("id").isNull());
  }

  private static String example(Dataset<Row> rows) {
    return rows.select(min("id")).head().getString(0);
  }
}
