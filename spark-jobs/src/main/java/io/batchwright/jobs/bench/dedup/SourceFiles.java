package io.batchwright.jobs.bench.dedup;

import io.batchwright.data.failure.BatchwrightException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import net.openhft.hashing.LongHashFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The Java files of a folder of -sources jars, one document a file: real texts of a web page's
 * length (a median of 3.6 kB, a mean of 10 kB), with the licence headers and generated twins that
 * make them hard.
 */
final class SourceFiles {
  /** doc_id, source (the jar), text. */
  static final StructType SCHEMA =
      new StructType()
          .add("doc_id", DataTypes.StringType, false)
          .add("source", DataTypes.StringType, false)
          .add("text", DataTypes.StringType, false);

  private static final LongHashFunction CHOICE = LongHashFunction.xx3(0x736f75726365L);

  private SourceFiles() {}

  /**
   * The documents of one file in {@code every}, chosen by a hash of its path.
   *
   * @param folder the folder of jars, on any file system
   */
  static Dataset<Row> documents(SparkSession spark, String folder, int every) {
    Configuration hadoop = spark.sessionState().newHadoopConf();
    List<String> jars = jars(folder, hadoop);
    SerializableConfiguration configuration = new SerializableConfiguration(hadoop);
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    return spark.createDataFrame(
        context
            .parallelize(jars, jars.size())
            .flatMap(jar -> read(jar, every, configuration.value()).iterator()),
        SCHEMA);
  }

  private static List<String> jars(String folder, Configuration hadoop) {
    Path path = new Path(folder);
    try {
      List<String> jars =
          Arrays.stream(path.getFileSystem(hadoop).listStatus(path))
              .map(FileStatus::getPath)
              .filter(file -> file.getName().endsWith(".jar"))
              .map(Path::toString)
              .sorted()
              .toList();
      if (jars.isEmpty()) {
        throw BatchwrightException.usage(
            "BenchRecipe.jars: %s holds no .jar file.".formatted(path));
      }
      return jars;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Row> read(String jar, int every, Configuration hadoop) throws IOException {
    Path path = new Path(jar);
    String name = path.getName().replace("-sources.jar", "");
    List<Row> documents = new ArrayList<>();
    try (ZipInputStream zip = new ZipInputStream(path.getFileSystem(hadoop).open(path))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        boolean chosen = Math.floorMod(CHOICE.hashChars(entry.getName()), every) == 0;
        if (chosen && entry.getName().endsWith(".java")) {
          String text = new String(zip.readAllBytes(), StandardCharsets.UTF_8);
          documents.add(RowFactory.create(name + ":" + entry.getName(), name, text));
        }
      }
    }
    return documents;
  }
}
