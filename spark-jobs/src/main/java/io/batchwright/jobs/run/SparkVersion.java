package io.batchwright.jobs.run;

import io.batchwright.data.failure.BatchwrightException;
import java.util.Optional;

/** Which versions of Spark and Java Batchwright runs on. */
public final class SparkVersion {
  private SparkVersion() {}

  /** The sentence that refuses this process's versions, or empty where they are supported. */
  public static Optional<String> refusal() {
    return refusal(org.apache.spark.package$.MODULE$.SPARK_VERSION(), Runtime.version().feature());
  }

  static Optional<String> refusal(String spark, int java) {
    if (!spark.startsWith("4.0.") && !spark.startsWith("4.1.")) {
      return Optional.of(
          "Batchwright runs on Spark 4.1 (tested) and 4.0 (expected to work), not on "
              + spark
              + ".");
    }
    if (java != 17 && java != 21) {
      return Optional.of("Spark " + spark + " needs Java 17 or 21; this is Java " + java + ".");
    }
    return Optional.empty();
  }

  static void require() {
    refusal()
        .ifPresent(
            sentence -> {
              throw BatchwrightException.resources(sentence);
            });
  }
}
