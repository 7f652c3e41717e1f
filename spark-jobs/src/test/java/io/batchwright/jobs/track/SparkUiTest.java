package io.batchwright.jobs.track;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.train.step.ValidationScores;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a session's web interface and its Prometheus endpoint say, by HTTP. */
class SparkUiTest {
  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void openSession() {
    spark =
        SparkSession.builder()
            .master("local[1]")
            .appName("seen")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.ui.enabled", "true")
            .config("spark.ui.port", "0")
            .config(
                "spark.metrics.conf.*.sink.prometheusServlet.class",
                "org.apache.spark.metrics.sink.PrometheusServlet")
            .config("spark.metrics.conf.*.sink.prometheusServlet.path", "/metrics/prometheus")
            .getOrCreate();
  }

  @AfterAll
  static void closeSession() {
    spark.stop();
  }

  @Test
  void prometheusSeesTheNewestFiguresWhileTrainingLasts() throws Exception {
    TrackedRun run = SparkMetrics.DEFAULTS.open(facts("gauges")).orElseThrow();
    run.steps(
        List.of(
            new TrackedStep(0, TrainingSteps.step(1, 9)),
            new TrackedStep(
                0, TrainingSteps.step(2, 2.5).with(new ValidationScores(2, 0.625, 0.5, 0.5))),
            new TrackedStep(1, TrainingSteps.step(2, 7))));
    String metrics = get("/metrics/prometheus");
    assertThat(metrics)
        .containsPattern("batchwright_training_loss_Value\\{[^}]*} 2\\.5\\s")
        .containsPattern("batchwright_training_step_Value\\{[^}]*} 2\\.0\\s")
        .containsPattern("batchwright_training_validation_ndcg10_Value\\{[^}]*} 0\\.625\\s")
        .containsPattern("batchwright_training_tokens_per_second_Value\\{[^}]*} 1000\\.0\\s");
    run.end(Optional.empty());
    assertThat(get("/metrics/prometheus")).doesNotContain("batchwright_training");
  }

  @Test
  void theTabShowsCurvesAndRanksAndEscapesNames() throws Exception {
    TrackedRun run =
        TrainingTab.DEFAULTS.open(facts("<script>alert('x')</script> & co")).orElseThrow();
    String before = get("/training/");
    assertThat(before).contains("no step yet of 100 on 2 ranks", "location.reload");
    for (int step = 1; step <= 3000; step++) {
      run.steps(
          List.of(
              new TrackedStep(0, TrainingSteps.step(step, 3.0 / step)),
              new TrackedStep(1, TrainingSteps.step(step, 3.0 / step))));
    }
    run.steps(
        List.of(
            new TrackedStep(
                0, TrainingSteps.step(3001, 0.5).with(new ValidationScores(2, 0.625, 0.5, 0.5)))));
    String page = get("/training/");
    assertThat(page)
        .contains("step 3,001 of 100 on 2 ranks, loss 0.5000, learning rate 0.0100, 1,000 tokens/s")
        .contains("<b>Loss</b>", "<b>Learning rate</b>", "<b>Throughput</b>", "nDCG@10")
        .contains("rank 0", "rank 1", "<title>step 3000, wait</title>")
        .contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; co")
        .doesNotContain("alert('x')");
    assertThat(page.length()).isLessThan(400_000);
    assertThat(get("/jobs/")).contains("/training/\">Training</a>");

    run.end(Optional.of("rank 1 <lost>"));
    assertThat(get("/training/"))
        .contains("failed: rank 1 &lt;lost&gt;")
        .doesNotContain("location.reload");
    for (int i = 0; i < 2 * TrainingUi.KEPT; i++) {
      TrainingTab.DEFAULTS.open(facts("later " + i)).orElseThrow().end(Optional.empty());
    }
    assertThat(get("/training/")).contains("later 15").doesNotContain("&lt;lost&gt;", "later 7<");
  }

  @Test
  void aRestartTakesBackTheStepsThatComeAgain() {
    ShownTraining shown = new ShownTraining("restarted", 10, 1);
    for (long step : new long[] {1, 2, 3, 4, 3, 4, 5}) {
      shown.add(0, TrainingSteps.step(step, step));
    }
    assertThat(shown.view().curve())
        .extracting(report -> report.step())
        .containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(shown.view().timeline().get(0)).hasSize(5);
  }

  private TrainingFacts facts(String name) {
    return TrainingSteps.facts(spark, folder, name);
  }

  private static String get(String path) throws Exception {
    URI uri = URI.create(spark.sparkContext().uiWebUrl().get() + path);
    HttpResponse<String> answer =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build()
            .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }
}
