package io.batchwright.jobs.cluster;

import io.batchwright.data.corpus.CustomCorpusSource;
import io.batchwright.data.corpus.FlagEmbeddingJsonLines;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * FlagEmbedding lines whose first reader gets as far as {@code rows} rows and ends.
 *
 * @param marker is created by the executor that ends itself
 */
public record HaltingLines(String path, String source, String marker, int rows)
    implements CustomCorpusSource {
  /** The first half of the small corpus. */
  public static final HaltingLines DEFAULTS = new HaltingLines("train.jsonl", "train", "", 100);

  @Override
  public List<String> paths() {
    return List.of(path);
  }

  @Override
  public String describe() {
    return path;
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    int[] seen = {0};
    int last = rows;
    String once = marker;
    return new FlagEmbeddingJsonLines(path, source, 1 << 20)
        .read(spark)
        .filter((FilterFunction<Row>) row -> ++seen[0] < last || strike(once));
  }

  private static boolean strike(String marker) {
    try {
      Files.createFile(Path.of(marker));
    } catch (FileAlreadyExistsException other) {
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().halt(77);
    return false;
  }
}
