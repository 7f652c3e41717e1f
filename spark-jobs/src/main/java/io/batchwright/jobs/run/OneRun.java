package io.batchwright.jobs.run;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.config.Resolved;
import io.batchwright.ui.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of a job that keeps an output folder: lock, log file, {@code run.json}, publication. */
final class OneRun<C extends Record & JobConfig> {
  private static final Logger LOG = LoggerFactory.getLogger(OneRun.class);

  /** Before Spark's own hook (50) and Hadoop's, which closes the file systems (10). */
  private static final int HOOK_PRIORITY = 100;

  private final Job<C> job;
  private final Resolved<C> resolved;
  private final C config;
  private final Configuration hadoop;
  private final Console console;
  private final Clock clock;

  OneRun(Job<C> job, Resolved<C> resolved, Configuration hadoop, Console console, Clock clock) {
    this.job = job;
    this.resolved = resolved;
    this.config = resolved.config();
    this.hadoop = hadoop;
    this.console = console;
    this.clock = clock;
  }

  /**
   * Runs the job, on a session of its own or on a {@code given} one, whose owner keeps it and the
   * logging of this process.
   */
  void run(Optional<SparkSession> given) throws IOException {
    Path target = new Path(config.run().folder());
    OnExisting onExisting =
        config.run().dryRun() ? OnExisting.OVERWRITE : config.run().onExisting();
    String data = Fingerprint.ofInputs(job.inputs(config), hadoop);
    RunIdentity identity = RunIdentity.of(job, config, data);
    RunFolder folder = RunFolder.settle(target, hadoop, identity, onExisting);
    if (folder.finished()) {
      requireStanding(target, given);
      console.line(target + " holds this very run, done before. Nothing to do.");
      return;
    }
    try (RunLock lock = RunLock.acquire(folder.dir(), hadoop)) {
      work(identity, folder, given);
    }
    folder.publish();
  }

  private void requireStanding(Path target, Optional<SparkSession> given) throws IOException {
    if (!job.actsOutsideItsFolder(config)) {
      return;
    }
    if (given.isPresent()) {
      job.requireStanding(config, given.get(), target);
      return;
    }
    openLog(target, job.name());
    try (RunSession session = new RunSession(job.name(), config.run(), Optional.empty(), console)) {
      job.requireStanding(config, session.spark(), target);
    }
  }

  private void work(RunIdentity identity, RunFolder folder, Optional<SparkSession> given)
      throws IOException {
    RunRecord record = RunRecords.start(identity, config.seed(), folder, hadoop, clock);
    String log = given.isPresent() ? "" : openLog(folder.dir(), record.runId());
    if (!log.isEmpty()) {
      console.line("Log       " + log);
    }
    Runnable onShutdown = () -> interrupted(record);
    ShutdownHookManager.get().addShutdownHook(onShutdown, HOOK_PRIORITY);
    Optional<IntermediateFiles> files = Optional.of(new IntermediateFiles(folder.dir(), hadoop));
    try (RunSession session =
        given
            .map(spark -> RunSession.given(spark, job.trains(config), console, files))
            .orElseGet(
                () ->
                    new RunSession(job.name(), config.run(), job.trains(config), console, files))) {
      RunPlace place = new RunPlace(folder.dir(), hadoop, identity.dataFingerprint());
      StageRunner stages =
          new StageRunner(record, place, session::spark, console, job.stages(config).size());
      job.run(new JobContext<>(resolved, session, stages, console));
      record.end(RunStatus.DONE, 0, false, null);
    } catch (Exception | LinkageError | OutOfMemoryError | FSError e) {
      LOG.error("{} failed", job.name(), e);
      if (ShutdownHookManager.get().isShutdownInProgress()) {
        // What fails now fails because the session is gone; the hook has said so in run.json.
        throw new FailedRun(Failure.INTERRUPTED, e);
      }
      Failure failure = Failure.of(e);
      try {
        record.end(RunStatus.FAILED, failure.exitCode(), failure.retryable(), failure.paragraph());
      } catch (BatchwrightException full) {
        // On a full disk run.json stays at "running"; what the user must know is the first failure.
        e.addSuppressed(full);
      }
      throw new FailedRun(log.isEmpty() ? failure : failure.withLog(log), e);
    } finally {
      if (!ShutdownHookManager.get().isShutdownInProgress()) {
        ShutdownHookManager.get().removeShutdownHook(onShutdown);
      }
    }
  }

  private static void interrupted(RunRecord record) {
    if (record.status() == RunStatus.RUNNING) {
      record.end(
          RunStatus.INTERRUPTED,
          Failure.INTERRUPTED.exitCode(),
          Failure.INTERRUPTED.retryable(),
          Failure.INTERRUPTED.paragraph());
    }
  }

  /** Moves this process's logging into a file; in cluster mode Spark's own logs stay. */
  private String openLog(Path dir, String runId) throws IOException {
    if ("cluster".equals(System.getProperty("spark.submit.deployMode"))) {
      return "";
    }
    FileSystem files = dir.getFileSystem(hadoop);
    Path qualified = files.makeQualified(dir);
    java.nio.file.Path folder =
        "file".equals(qualified.toUri().getScheme())
            ? java.nio.file.Path.of(qualified.toUri().getPath(), "logs")
            : java.nio.file.Path.of(
                System.getProperty("java.io.tmpdir"), "batchwright-logs", runId);
    Files.createDirectories(folder);
    java.nio.file.Path file = folder.resolve("batchwright.log");
    LogFile.open(file);
    return file.toString();
  }
}
