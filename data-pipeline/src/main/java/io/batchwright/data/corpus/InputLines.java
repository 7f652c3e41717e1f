package io.batchwright.data.corpus;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapreduce.InputSplit;
import org.apache.hadoop.mapreduce.lib.input.FileSplit;
import org.apache.hadoop.mapreduce.lib.input.TextInputFormat;
import org.apache.spark.api.java.JavaNewHadoopRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.Tuple2;

/**
 * The lines of text files as bytes, with their byte offset (in the decompressed file), decoded
 * strictly: a line that is not UTF-8 is reported, never repaired.
 *
 * <p>Blank lines are not records. Compressed files (.gz, .bz2, .zst, ...) are read as one split.
 */
final class InputLines {
  /** line is null where reason is not. */
  static final StructType SCHEMA =
      new StructType()
          .add("_bw_path", DataTypes.StringType, false)
          .add("_bw_order", DataTypes.LongType, false)
          .add("_bw_position", DataTypes.StringType, false)
          .add("_bw_reason", DataTypes.StringType)
          .add("_bw_excerpt", DataTypes.StringType)
          .add("_bw_line", DataTypes.StringType);

  private InputLines() {}

  /** The lines at {@code path}; one of more than {@code maximumBytes} is {@code too_large}. */
  static Dataset<Row> read(SparkSession spark, String path, long maximumBytes) {
    List<Path> files = InputFiles.require(path, spark);
    Configuration hadoop = new Configuration(spark.sessionState().newHadoopConf());
    String codecs = hadoop.get("io.compression.codecs", "");
    hadoop.set(
        "io.compression.codecs",
        codecs + (codecs.isBlank() ? "" : ",") + ZstandardLines.class.getName());
    if (files.stream().anyMatch(file -> file.getName().endsWith(".bz2"))) {
      // A bzip2 split knows only its compressed offset; whole files keep positions exact.
      hadoop.setLong("mapreduce.input.fileinputformat.split.minsize", Long.MAX_VALUE / 2);
    }
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    List<String> names = new ArrayList<>();
    files.forEach(file -> names.add(file.toString().replace(",", "\\,")));
    JavaNewHadoopRDD<LongWritable, Text> lines =
        (JavaNewHadoopRDD<LongWritable, Text>)
            context.newAPIHadoopFile(
                String.join(",", names),
                TextInputFormat.class,
                LongWritable.class,
                Text.class,
                hadoop);
    JavaRDD<Row> rows = lines.mapPartitionsWithInputSplit(new Decode(maximumBytes), true);
    return spark.createDataFrame(rows, SCHEMA);
  }

  /** Decodes the lines of one split. */
  private record Decode(long maximumBytes)
      implements Function2<InputSplit, Iterator<Tuple2<LongWritable, Text>>, Iterator<Row>> {
    @Override
    public Iterator<Row> call(InputSplit split, Iterator<Tuple2<LongWritable, Text>> lines) {
      String path = ((FileSplit) split).getPath().toString();
      return StreamSupport.stream(
              Spliterators.spliteratorUnknownSize(lines, Spliterator.ORDERED), false)
          .filter(line -> !blank(line._2()))
          .map(line -> decode(path, line._1().get(), line._2()))
          .iterator();
    }

    private Row decode(String path, long offset, Text line) {
      String position = "byte " + offset;
      if (line.getLength() > maximumBytes) {
        return RowFactory.create(path, offset, position, "too_large", excerpt(line), null);
      }
      try {
        CharsetDecoder strict = StandardCharsets.UTF_8.newDecoder();
        String text =
            strict.decode(ByteBuffer.wrap(line.getBytes(), 0, line.getLength())).toString();
        return RowFactory.create(path, offset, position, null, CorpusRows.excerpt(text), text);
      } catch (CharacterCodingException e) {
        return RowFactory.create(path, offset, position, "invalid_utf8", excerpt(line), null);
      }
    }

    private static boolean blank(Text line) {
      for (int i = 0; i < line.getLength(); i++) {
        byte b = line.getBytes()[i];
        if (b != ' ' && b != '\t' && b != '\r') {
          return false;
        }
      }
      return true;
    }

    private static String excerpt(Text line) {
      int bytes = Math.min(line.getLength(), 800);
      return CorpusRows.excerpt(new String(line.getBytes(), 0, bytes, StandardCharsets.UTF_8));
    }
  }
}
