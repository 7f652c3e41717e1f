package io.batchwright.jobs.pipeline;

import io.batchwright.data.corpus.BeirFolder;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.corpus.CorpusPath;
import io.batchwright.jobs.corpus.ReadCorpus;
import io.batchwright.jobs.model.ModelPath;
import io.batchwright.jobs.run.Fingerprint;
import io.batchwright.jobs.run.Flag;
import io.batchwright.jobs.run.Job;
import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.JobGroup;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.jobs.run.SparkSessions;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import io.batchwright.train.evaluation.EvaluationResult;
import io.batchwright.train.evaluation.Evaluator;
import io.batchwright.train.evaluation.Metric;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * Measures a model folder, ours or anybody's, against BM25 and a hybrid of both: on the held-out
 * queries of a run, or on the judged queries of a BEIR folder.
 */
public final class EvaluateJob implements Job<EvaluateModelRecipe> {
  private static final String CORPUS = "corpus";

  @Override
  public void run(JobContext<EvaluateModelRecipe> context) throws Exception {
    EvaluateModelRecipe recipe = context.config();
    Configuration hadoop = SparkSessions.hadoop(recipe.run());
    Optional<RunTables> run = RunTables.of(recipe.corpus(), hadoop);
    if (run.isEmpty()) {
      BeirFolder beir = beir(recipe, hadoop);
      context
          .stages()
          .run(
              CORPUS,
              "corpus",
              Fingerprint.of(beir, recipe.maximumQuarantineShare()),
              stage -> corpus(stage, beir, recipe.maximumQuarantineShare()));
    }
    StageReport report =
        context
            .stages()
            .run(
                EvaluateStage.NAME,
                "evaluate",
                Fingerprint.of(
                    recipe.model(),
                    recipe.corpus(),
                    recipe.truncateDims(),
                    recipe.analysis(),
                    recipe.maximumQueries(),
                    recipe.depth(),
                    recipe.hideNames()),
                new EvaluateModelStage(recipe, run))
            .report();
    print(context, Details.read(report.details(), EvaluateStage.Measured.class));
  }

  private static StageReport corpus(StageContext context, BeirFolder beir, double maximumShare) {
    ReadCorpus read = ReadCorpus.commit(context, List.of(beir), "", tables -> tables);
    read.requireUsable("maximumQuarantineShare", maximumShare);
    return StageReport.of(
        read.ledger(),
        String.format(
            Locale.ROOT,
            "%,d documents, %,d queries, %,d judgements (%s); %,d quarantined",
            read.ledger().out(),
            context.rows("queries"),
            context.rows("qrels"),
            beir.qrels().isEmpty() ? "all" : String.join(", ", beir.qrels()),
            read.ledger().quarantinedTotal()));
  }

  /** The folder with the judgements that count: {@code test} where the recipe leaves it open. */
  private static BeirFolder beir(EvaluateModelRecipe recipe, Configuration hadoop) {
    CorpusPath path = CorpusPath.of(recipe.corpus(), hadoop);
    if (!(path.source() instanceof BeirFolder folder)) {
      throw BatchwrightException.usage(
          "%s is %s, which has no judgements: evaluate needs the folder of a run, or a BEIR folder (corpus.jsonl, queries.jsonl, qrels/)."
              .formatted(recipe.corpus(), path.format().label()));
    }
    boolean test = path.files().stream().anyMatch(file -> file.getName().equals("test.tsv"));
    List<String> qrels = recipe.qrels().isEmpty() && test ? List.of("test") : recipe.qrels();
    return new BeirFolder(
        folder.path(),
        qrels,
        List.of(),
        folder.compression(),
        folder.source(),
        folder.maximumDocumentBytes());
  }

  private static void print(
      JobContext<EvaluateModelRecipe> context, EvaluateStage.Measured measured) {
    EvaluationResult visible = measured.visible();
    context.console().line("");
    StringBuilder head = new StringBuilder("%-10s".formatted(""));
    for (Metric metric : Evaluator.DEFAULTS.metrics()) {
      head.append("%12s".formatted(metric.label()));
    }
    context.console().line(head.toString());
    visible.scores().stream()
        .map(EvaluationResult.Score::system)
        .distinct()
        .forEach(
            system -> {
              StringBuilder line = new StringBuilder("%-10s".formatted(system));
              for (Metric metric : Evaluator.DEFAULTS.metrics()) {
                line.append(
                    String.format(
                        Locale.ROOT, "%12.3f", visible.score(system, metric.key()).mean()));
              }
              context.console().line(line.toString());
            });
    context
        .console()
        .line(
            String.format(
                Locale.ROOT,
                "%,d queries over %,d documents; TREC run and qrels files in %s/%s",
                visible.queries(),
                visible.documents(),
                context.dir(),
                EvaluateStage.FOLDER));
  }

  @Override
  public String name() {
    return "evaluate";
  }

  @Override
  public String description() {
    return "Measure a model against BM25 and a hybrid of both";
  }

  @Override
  public JobGroup group() {
    return JobGroup.EVERYDAY;
  }

  @Override
  public Class<EvaluateModelRecipe> configType() {
    return EvaluateModelRecipe.class;
  }

  @Override
  public List<Flag> flags() {
    return List.of(
        new Flag("--model", "model", "the model folder"),
        new Flag(
            "--truncate-dims", "truncateDims", "the first values of vectors that count; 0: all"),
        new Flag("--corpus", "corpus", "the folder of a run, or a BEIR folder"));
  }

  @Override
  public List<String> inputs(EvaluateModelRecipe recipe) {
    if (recipe.corpus().isBlank()) {
      throw BatchwrightException.usage("A corpus is needed: give --corpus DIR.");
    }
    Configuration hadoop = SparkSessions.hadoop(recipe.run());
    String model = ModelPath.of(recipe.model(), hadoop).folder().toString();
    Optional<RunTables> run = RunTables.of(recipe.corpus(), hadoop);
    if (run.isEmpty()) {
      beir(recipe, hadoop);
      return List.of(model, recipe.corpus());
    }
    return List.of(
        model, run.get().folder("documents").toString(), run.get().folder("queries").toString());
  }

  @Override
  public List<String> stages(EvaluateModelRecipe recipe) {
    return RunTables.of(recipe.corpus(), SparkSessions.hadoop(recipe.run())).isPresent()
        ? List.of(EvaluateStage.NAME)
        : List.of(CORPUS, EvaluateStage.NAME);
  }
}
