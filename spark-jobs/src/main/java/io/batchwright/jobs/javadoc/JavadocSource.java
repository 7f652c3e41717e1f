package io.batchwright.jobs.javadoc;

import io.batchwright.data.corpus.CustomCorpusSource;
import io.batchwright.technique.Check;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Where the documentation corpus comes from and which pairs are made of it.
 *
 * @param jarsDir a folder of {@code ARTIFACT-VERSION-sources.jar} files
 * @param samples artifacts of which only a part is read
 * @param maximumSentences sentences of a description that make its query, at most
 * @param maximumQueryCharacters length of a query at most; a longer one ends at a word
 * @param minimumContentWords distinct words that say something which a query needs at least; see
 *     {@link Informative}
 */
public record JavadocSource(
    String jarsDir,
    List<JarSample> samples,
    int maximumSentences,
    int maximumQueryCharacters,
    int minimumContentWords)
    implements CustomCorpusSource {
  /** The quickstart's corpus: every file of each jar, and a tenth of fastutil with its twins. */
  public static final JavadocSource DEFAULTS =
      new JavadocSource(
          "spark-jobs/target/sources-corpus",
          List.of(
              new JarSample(
                  "fastutil",
                  List.of(
                      "it/unimi/dsi/fastutil/{doubles,floats,ints,longs}/{Abstract,}{Double,Float,Int,Long}[A-Z]*.java",
                      "it/unimi/dsi/fastutil/{doubles,floats,ints,longs}/{Double2Double,Float2Float,Int2Int,Long2Long}*.java",
                      "it/unimi/dsi/fastutil/{doubles,floats,ints,longs}/{Double2Object,Float2Object,Int2Object,Long2Object}*.java"),
                  0)),
          2,
          300,
          2);

  public JavadocSource {
    Check.notBlank("JavadocSource.jarsDir", jarsDir);
    Check.atLeast("JavadocSource.maximumSentences", maximumSentences, 1);
    Check.atLeast("JavadocSource.maximumQueryCharacters", maximumQueryCharacters, 20);
    Check.atLeast("JavadocSource.minimumContentWords", minimumContentWords, 0);
    samples = List.copyOf(samples);
  }

  /** This source, read from another folder. */
  public JavadocSource withJarsDir(String folder) {
    return new JavadocSource(
        folder, samples, maximumSentences, maximumQueryCharacters, minimumContentWords);
  }

  @Override
  public List<String> paths() {
    return List.of(jarsDir);
  }

  @Override
  public String describe() {
    return jarsDir;
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    return JavadocCorpus.read(spark, this);
  }

  /** What is read of an artifact. */
  JarSample sampleOf(String artifact) {
    return samples.stream()
        .filter(sample -> sample.artifact().equals(artifact))
        .findFirst()
        .orElse(JarSample.DEFAULTS);
  }
}
