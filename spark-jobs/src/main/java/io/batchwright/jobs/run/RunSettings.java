package io.batchwright.jobs.run;

import io.batchwright.technique.Check;
import java.util.Map;

/**
 * Where and how a job runs; the recipe's {@code run:} section and the shared command-line flags.
 *
 * <p>Only {@link #limit} changes what a run computes; the other settings stay out of the
 * configuration's fingerprint.
 *
 * @param out the output folder ({@code --out})
 * @param onExisting what to do with an output folder that holds an unfinished or different run
 * @param master the Spark master; empty: what spark-submit says, else {@code local[max(2, cores)]}
 * @param limit rows of each source to use, 0 for all ({@code --limit})
 * @param dryRun whether this is a trial on few rows, written beside {@link #out} ({@code
 *     --dry-run})
 * @param quiet whether to print plain lines without progress bars ({@code --quiet})
 * @param spark settings of the Spark session ({@code --conf})
 */
public record RunSettings(
    String out,
    OnExisting onExisting,
    String master,
    long limit,
    boolean dryRun,
    boolean quiet,
    Map<String, String> spark) {

  /** What a run without a {@code run:} section gets; {@code out} must come from somewhere. */
  public static final RunSettings DEFAULTS =
      new RunSettings("", OnExisting.FAIL, "", 0, false, false, Map.of());

  /** Rows of each source that a dry run reads where no limit is given. */
  public static final long DRY_RUN_ROWS = 1000;

  public RunSettings {
    Check.atLeast("RunSettings.limit", limit, 0);
    spark = Map.copyOf(spark);
  }

  /** Rows of each source to use, 0 for all. */
  public long rowLimit() {
    return dryRun && limit == 0 ? DRY_RUN_ROWS : limit;
  }

  /** The folder this run writes. */
  public String folder() {
    return dryRun && !out.isEmpty() ? out.replaceAll("/+$", "") + "-dry-run" : out;
  }
}
