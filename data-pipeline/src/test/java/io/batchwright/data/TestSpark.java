package io.batchwright.data;

import io.batchwright.data.sql.BatchwrightExtensions;
import org.apache.spark.sql.SparkSession;

/**
 * The one session of this module's tests, opened by the first that asks and never stopped.
 *
 * <p>Plans of a few rows cost more to compile than to run, so code generation and adaptive
 * execution are off; a test that is about either turns it on for itself.
 */
public final class TestSpark {
  private TestSpark() {}

  /** The session of this JVM. */
  public static SparkSession session() {
    SparkSession session =
        SparkSession.builder()
            .master("local[2]")
            .appName("tests of data-pipeline")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.adaptive.enabled", "false")
            .config("spark.sql.codegen.wholeStage", "false")
            .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
            .config("spark.sql.extensions", BatchwrightExtensions.class.getName())
            .getOrCreate();
    session.sparkContext().setLogLevel("WARN");
    return session;
  }
}
