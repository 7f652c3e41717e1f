package io.batchwright.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.data.batch.Ngame;
import io.batchwright.jobs.TestSession;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ClusterSizesTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = TestSession.open();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void sizesAreThoseOfTheSamples() {
    assertThat(ClusterSizes.of(spark.sql("SELECT explode(array(3, 1, 3, 7, 3, 7)) AS cluster")))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "clusters", 3.0,
                "cluster_smallest", 1.0,
                "cluster_median", 2.0,
                "cluster_largest", 3.0));
    assertThat(ClusterSizes.of(spark.range(3).toDF("sample"))).isEmpty();
  }

  @Test
  void ngameSaysHowLargeItsClustersReallyAre() {
    assertThat(new Ngame(32, 1, List.of(1, 2, 3), true).figures(300, 4))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("ngame_cluster_size_first", 1.0, "ngame_cluster_size_last", 300 / 64.0));
  }
}
