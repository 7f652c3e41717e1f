package io.batchwright.jobs.bench.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.batchwright.data.dedup.Deduplicate;
import io.batchwright.data.dedup.Deduplication;
import io.batchwright.data.ledger.CanonicalHash;
import io.batchwright.data.ledger.Reasons;
import io.batchwright.jobs.TestSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The exact counts of a fixed corpus: whatever changes them changes what users lose, and must be
 * meant. After a change that is meant, put the new figures here and say in the changelog what
 * changed them.
 */
class ExactCountsTest {
  private static final Path JARS =
      Path.of(System.getProperty("batchwright.root", ".."), "spark-jobs/target/sources-corpus");

  /** A collection with generated twins, and libraries without. */
  private static final List<String> CORPUS =
      List.of(
          "fastutil-8.5.16-sources.jar",
          "arrow-vector-18.3.0-sources.jar",
          "commons-codec-1.19.0-sources.jar");

  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void openSession() {
    assumeTrue(Files.isDirectory(JARS), "the build has not copied the -sources jars");
    spark = TestSession.open();
  }

  @AfterAll
  static void closeSession() {
    if (spark != null) {
      spark.stop();
    }
  }

  @Test
  void aFixedCorpusLosesExactlyTheseDocuments() throws IOException {
    for (String jar : CORPUS) {
      Files.createSymbolicLink(folder.resolve(jar), JARS.resolve(jar));
    }
    Dataset<Row> files = SourceFiles.documents(spark, folder.toString(), 8);
    Dataset<Row> mirror =
        SourceFiles.documents(spark, folder.toString(), 64)
            .selectExpr("concat('mirror/', doc_id)", "'mirror'", "text");
    Dataset<Row> documents = files.union(mirror).cache();
    try (Deduplication found = Deduplicate.DEFAULTS.apply(documents)) {
      Dataset<Row> removed = found.outcome().removed();
      assertThat(documents.count()).isEqualTo(445);
      assertThat(Reasons.count(removed))
          .isEqualTo(Map.of("exact_duplicate", 55L, "near_duplicate", 45L));
      assertThat(CanonicalHash.of(removed)).hasToString("v1-100-fd2eaad5f294080bde3f978bb4d6aaf2");
    }
  }
}
