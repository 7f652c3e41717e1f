package io.batchwright.jobs.bench.negatives;

import io.batchwright.tensor.RandomStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Vectors of random numbers, for measurements of speed. */
final class SyntheticVectors {
  private SyntheticVectors() {}

  /** Vectors of unit length, [count, dims]; the same for the same purpose. */
  static float[][] unit(String purpose, int count, int dims) {
    RandomStream random = RandomStream.of(1, "bench." + purpose, 0, 0);
    float[][] vectors = new float[count][dims];
    for (int i = 0; i < count; i++) {
      double squares = 0;
      for (int d = 0; d < dims; d++) {
        vectors[i][d] = (float) (random.uniformAt((long) i * dims + d) - 0.5);
        squares += (double) vectors[i][d] * vectors[i][d];
      }
      for (int d = 0; d < dims; d++) {
        vectors[i][d] = (float) (vectors[i][d] / Math.sqrt(squares));
      }
    }
    return vectors;
  }

  /** Vectors around centres: {@code groups} of them, as far apart as chance has it. */
  static float[][] grouped(String purpose, int count, int dims, int groups) {
    float[][] centres = unit(purpose + ".centres", groups, dims);
    float[][] vectors = unit(purpose, count, dims);
    for (int i = 0; i < count; i++) {
      for (int d = 0; d < dims; d++) {
        vectors[i][d] += centres[i % groups][d];
      }
    }
    return vectors;
  }

  /** Rows with a number, from 0, and the column {@code embedding}. */
  static Dataset<Row> table(SparkSession spark, String id, float[][] vectors) {
    List<Row> rows = new ArrayList<>(vectors.length);
    for (int i = 0; i < vectors.length; i++) {
      rows.add(RowFactory.create((long) i, vectors[i]));
    }
    return spark.createDataFrame(
        rows,
        new StructType()
            .add(id, DataTypes.LongType, false)
            .add("embedding", DataTypes.createArrayType(DataTypes.FloatType, false), false));
  }

  /** Writes raw little-endian floats. */
  static void write(Path file, float[][] vectors) throws IOException {
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.allocate(4 * vectors[0].length).order(ByteOrder.LITTLE_ENDIAN);
      for (float[] vector : vectors) {
        buffer.clear();
        for (float value : vector) {
          buffer.putFloat(value);
        }
        buffer.flip();
        while (buffer.hasRemaining()) {
          out.write(buffer);
        }
      }
    }
  }
}
