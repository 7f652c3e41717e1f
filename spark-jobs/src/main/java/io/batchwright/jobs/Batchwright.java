package io.batchwright.jobs;

import io.batchwright.jobs.bench.BenchJob;
import io.batchwright.jobs.bench.collective.CollectiveBench;
import io.batchwright.jobs.bench.dedup.DedupBench;
import io.batchwright.jobs.bench.engine.EngineBench;
import io.batchwright.jobs.bench.negatives.NegativesBench;
import io.batchwright.jobs.cli.BatchwrightCommand;
import io.batchwright.jobs.javadoc.JavadocCorpusJob;
import io.batchwright.jobs.mine.ExportPairsJob;
import io.batchwright.jobs.mine.MineJob;
import io.batchwright.jobs.model.EncodeJob;
import io.batchwright.jobs.model.SearchJob;
import io.batchwright.jobs.pipeline.EvaluateJob;
import io.batchwright.jobs.pipeline.PipelineJob;
import io.batchwright.jobs.pipeline.QuickstartJob;
import io.batchwright.jobs.run.Job;
import java.util.List;

/** The program. */
public final class Batchwright {
  /** Every job, in the order of {@code --help}. */
  static final List<Job<?>> JOBS =
      List.of(
          new QuickstartJob(),
          PipelineJob.pipeline(),
          PipelineJob.prepare(),
          PipelineJob.train(),
          new EncodeJob(),
          new MineJob(),
          new ExportPairsJob(),
          new EvaluateJob(),
          new SearchJob(),
          PipelineJob.dedup(),
          PipelineJob.tokenize(),
          PipelineJob.bucket(),
          PipelineJob.plan(),
          new ValidateJob<>(PipelineJob.pipeline()),
          new BenchJob(
              List.of(
                  new DedupBench(),
                  new EngineBench(),
                  new CollectiveBench(),
                  new NegativesBench())),
          new JavadocCorpusJob());

  private Batchwright() {}

  /** Runs one subcommand and exits with its code. */
  public static void main(String[] arguments) {
    int exitCode = new BatchwrightCommand(JOBS, System.out, System.err).run(arguments);
    System.out.flush();
    System.exit(exitCode);
  }
}
