package io.batchwright.jobs.track;

import io.batchwright.train.step.StepReport;
import io.batchwright.train.step.ValidationScores;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** A training that never was. */
final class TrainingSteps {
  static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(1_700_000_000), ZoneOffset.UTC);

  private TrainingSteps() {}

  static TrainingFacts facts(SparkSession spark, Path folder, String name) {
    return new TrainingFacts(
        spark,
        name,
        "run-1",
        folder.toString(),
        100,
        2,
        Map.of("seed", "17", "train.loss.name", "InfoNce"),
        CLOCK);
  }

  /** A step of one second and 1,000 tokens. */
  static StepReport step(long number, double loss) {
    return new StepReport(
        0, number, loss, 0.01, 2, 64, 1000, false, ValidationScores.NONE, 1, 0.75, 0.2, 0.05);
  }
}
