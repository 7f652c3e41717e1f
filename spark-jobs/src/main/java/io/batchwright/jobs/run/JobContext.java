package io.batchwright.jobs.run;

import io.batchwright.jobs.config.Resolved;
import io.batchwright.jobs.config.ResolvedValue;
import io.batchwright.ui.Console;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** What a running job works with. */
public final class JobContext<C extends Record & JobConfig> {
  private final Resolved<C> resolved;
  private final RunSession session;
  private final StageRunner stages;
  private final Console console;

  JobContext(Resolved<C> resolved, RunSession session, StageRunner stages, Console console) {
    this.resolved = resolved;
    this.session = session;
    this.stages = stages;
    this.console = console;
  }

  /** The resolved recipe. */
  public C config() {
    return resolved.config();
  }

  /** Each resolved value with its origin. */
  public List<ResolvedValue> values() {
    return resolved.values();
  }

  /** Settings that have no effect, and why. */
  public List<String> warnings() {
    return resolved.warnings();
  }

  /** The session; opened at the first call. */
  public SparkSession spark() {
    return session.spark();
  }

  /** Runs stages, with markers, ledger and resume. */
  public StageRunner stages() {
    return requireRun(stages);
  }

  /** {@code run.json}. */
  public RunRecord record() {
    return requireRun(stages).record();
  }

  /** The folder to write to. */
  public Path dir() {
    return requireRun(stages).dir();
  }

  /** Rows of each source to use, 0 for all. */
  public long rowLimit() {
    return config().run().rowLimit();
  }

  /** The user's terminal. */
  public Console console() {
    return console;
  }

  private static StageRunner requireRun(StageRunner stages) {
    if (stages == null) {
      throw new IllegalStateException("this job keeps no output folder (Job.keepsRun)");
    }
    return stages;
  }
}
