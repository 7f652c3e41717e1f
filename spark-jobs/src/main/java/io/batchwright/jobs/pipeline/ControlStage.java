package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;

import io.batchwright.data.batch.ShardSource;
import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.jobs.run.StageBody;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import io.batchwright.train.rank.TrainResult;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Trains the same model by the same plan on shuffled pairs: every query keeps its place and gets
 * another query's document. What this model scores is what the tokens and the search give away
 * without learning which document answers which query.
 */
final class ControlStage implements StageBody {
  static final String NAME = "control";

  private final Training training;
  private final long steps;
  private final String tokenizerSha256;
  private final TrainStage.Layout layout;

  ControlStage(Training training, long steps, String tokenizerSha256, TrainStage.Layout layout) {
    this.training = training;
    this.steps = steps;
    this.tokenizerSha256 = tokenizerSha256;
    this.layout = layout;
  }

  static Path directory(Path run) {
    return new Path(run, "control");
  }

  @Override
  public StageReport run(StageContext context) throws IOException {
    layout.lay(context); // validation reads the shards of training
    Path directory = directory(context.dir());
    Dataset<Row> samples =
        context.commit(
            "control_samples",
            shuffled(context.read("bucketed_samples"), context.rows("bucketed_samples")));
    ShardWriter writer = new ShardWriter(training.recipe(), tokenizerSha256, context.fingerprint());
    ShardSource source =
        ShardSource.of(
            samples,
            context.read("tokens"),
            new MinedNegatives(training.recipe().batches().negatives()).guide(context));
    writer.write(
        context.read("plan"),
        source,
        new Path(directory, PlanStage.SHARDS),
        0,
        training.recipe().train().epochs(),
        () -> {});
    TrainResult result = training.run(context, directory, steps);
    long planned = context.rows("plan");
    return StageReport.of(
            LedgerEntry.of(NAME, planned, planned),
            String.format(
                Locale.ROOT,
                "%,d steps on shuffled pairs, final loss %.3f",
                result.steps(),
                result.finalLoss()))
        .withMetrics(Map.of("control_steps", (double) result.steps()));
  }

  /**
   * Sample i gets the document of sample (a i + b) mod n with a prime to n: a permutation that
   * needs no sort.
   */
  private Dataset<Row> shuffled(Dataset<Row> samples, long count) {
    long factor = factor(count);
    Dataset<Row> documents =
        samples.select(
            col("sample").as("other"), expr("filter(parts, p -> p.role = 'positive')").as("given"));
    return samples
        .withColumn(
            "other",
            pmod(
                col("sample").multiply(lit(factor)).plus(lit(count / 2 + 1)),
                lit(Math.max(1, count))))
        .join(documents, "other")
        .withColumn("parts", expr("concat(filter(parts, p -> p.role <> 'positive'), given)"))
        .select(
            java.util.Arrays.stream(samples.columns())
                .map(c -> col(c))
                .toArray(org.apache.spark.sql.Column[]::new));
  }

  /** A number prime to {@code count}, far from 1 and small enough that products stay exact. */
  private static long factor(long count) {
    long factor = 7919;
    while (!BigInteger.valueOf(factor)
        .gcd(BigInteger.valueOf(Math.max(1, count)))
        .equals(BigInteger.ONE)) {
      factor++;
    }
    return factor;
  }
}
