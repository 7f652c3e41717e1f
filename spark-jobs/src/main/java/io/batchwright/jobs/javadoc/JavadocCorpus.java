package io.batchwright.jobs.javadoc;

import io.batchwright.data.corpus.CorpusRows;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A retrieval corpus out of the documentation of Java libraries: the query is what a method's doc
 * comment says first, the document is the method.
 *
 * <p>{@code source} is the artifactId, {@code group_id} the class. A document has one more column,
 * {@link #TEXT_WITHOUT_NAME}, in which the method's name is hidden where it is declared and called.
 *
 * <p>Removed, with their reasons: {@code no_description} (block tags only), {@code inherit_doc},
 * {@code no_body} (abstract and native methods), {@code not_english} (another script), {@code
 * not_prose} (a line of code), {@code uninformative} ({@link Informative}). Quarantined: {@code
 * unreadable_jar}, {@code invalid_utf8}, {@code parse_error}. The ledger's input is files, which
 * expand into the doc comments of methods and constructors.
 */
public final class JavadocCorpus {
  /** The document column in which the method's name is hidden. */
  public static final String TEXT_WITHOUT_NAME = "text_without_name";

  /** What stands in the name's place. */
  static final String NEUTRAL_NAME = "method";

  private static final int TASKS_PER_CORE = 6;

  private JavadocCorpus() {}

  /** The columns of {@link #read}. */
  public static StructType schema() {
    return CorpusRows.SCHEMA.add(TEXT_WITHOUT_NAME, DataTypes.StringType);
  }

  /**
   * The corpus as one table, to be committed and then given to {@link
   * io.batchwright.data.corpus.CorpusTables#of}; each file is parsed once.
   */
  public static Dataset<Row> read(SparkSession spark, JavadocSource source) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Configuration hadoop = spark.sessionState().newHadoopConf();
    int tasks = TASKS_PER_CORE * context.defaultParallelism();
    List<List<JarSlice>> slices = new ArrayList<>(JarSlices.cut(source, tasks, hadoop));
    List<Integer> numbers = IntStream.range(0, slices.size()).boxed().toList();
    JarReader reader = new JarReader(source, slices, new SerializableConfiguration(hadoop));
    return spark.createDataFrame(
        context.parallelize(numbers, slices.size()).flatMap(reader), schema());
  }
}
