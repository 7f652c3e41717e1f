package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.col;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.model.ModelPath;
import io.batchwright.jobs.run.LocalFolder;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.jobs.run.SparkSessions;
import io.batchwright.jobs.run.StageBody;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.train.evaluation.Bm25;
import io.batchwright.train.evaluation.Bm25Index;
import io.batchwright.train.evaluation.Bm25Statistics;
import io.batchwright.train.evaluation.Bm25System;
import io.batchwright.train.evaluation.Bm25Tuning;
import io.batchwright.train.evaluation.DenseSystem;
import io.batchwright.train.evaluation.EvaluationResult;
import io.batchwright.train.evaluation.RankingSystem;
import io.batchwright.train.evaluation.RetrievalEvaluation;
import io.batchwright.train.evaluation.RetrievalTask;
import io.batchwright.train.evaluation.TaskEmbedding;
import io.batchwright.train.evaluation.TextAnalysis;
import io.batchwright.train.export.Encoder;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Measures a model folder beside BM25 and a hybrid: evaluation/ with TREC files.
 *
 * <p>In a run the held-out queries are asked, and BM25 is tuned, and takes its statistics, from
 * training documents alone. A BEIR folder has no training documents: BM25 keeps the parameters of
 * its paper, and its statistics come from the corpus that is searched.
 */
final class EvaluateModelStage implements StageBody {
  static final String CORPUS_STATISTICS =
      "BM25 is not tuned, and its statistics come from the searched corpus itself";

  private final EvaluateModelRecipe recipe;
  private final Optional<RunTables> run;

  EvaluateModelStage(EvaluateModelRecipe recipe, Optional<RunTables> run) {
    this.recipe = recipe;
    this.run = run;
  }

  @Override
  public StageReport run(StageContext context) throws IOException {
    HeldOutTask tasks = new HeldOutTask(table -> table(context, table));
    Dataset<Row> asked =
        run.isPresent()
            ? table(context, "queries").where(col("split").equalTo("held_out"))
            : table(context, "queries");
    long queries = asked.count();
    RetrievalTask all = run.isPresent() ? tasks.heldOut("text") : tasks.judged();
    if (all.queries().size() == 0) {
      throw BatchwrightException.data(
          run.isPresent()
              ? recipe.corpus()
                  + " held no query out: name sources in split.heldOut and run it again."
              : recipe.corpus() + " has no query with a relevant document in its corpus.");
    }
    Measurement measurement = new Measurement(recipe.maximumQueries(), recipe.depth());
    RetrievalTask task = measurement.sampled(all);
    Bm25System bm25 = bm25(tasks, task, context.spark().sparkContext().defaultParallelism());
    Path folder = new Path(context.dir(), EvaluateStage.FOLDER);
    FileSystem files = folder.getFileSystem(context.spark().sessionState().newHadoopConf());
    EvaluateStage.Measured[] measured = new EvaluateStage.Measured[1];
    try (Backend backend = Backends.select("auto");
        Encoder encoder =
            ModelPath.of(recipe.model(), SparkSessions.hadoop(recipe.run()))
                .open(recipe.truncateDims())) {
      Map<String, RankingSystem> systems = new LinkedHashMap<>();
      systems.put(RetrievalEvaluation.MODEL, new DenseSystem(backend, t -> embedded(t, encoder)));
      systems.put(RetrievalEvaluation.BM25, bm25);
      LocalFolder.write(
          files,
          folder,
          local -> {
            EvaluationResult visible = measurement.of(task, systems, local);
            EvaluationResult hidden = null;
            if (hasNames(context)) {
              hidden =
                  measurement.of(
                      measurement.sampled(tasks.heldOut(CorpusStage.TEXT_WITHOUT_NAME)),
                      systems,
                      local.resolve("without-names"));
            }
            measured[0] =
                new EvaluateStage.Measured(
                    visible,
                    hidden,
                    bm25.parameters().k1(),
                    bm25.parameters().b(),
                    PerSource.read(local.resolve("per_query.jsonl"), tasks.sources()));
          });
    }
    context.artifact("evaluation", EvaluateStage.FOLDER);
    return report(measured[0], queries, all.queries().size());
  }

  private StageReport report(EvaluateStage.Measured measured, long queries, long judged) {
    Map<String, Double> metrics = new HashMap<>(Measurement.metrics(measured.visible(), ""));
    if (measured.hidden() != null) {
      metrics.putAll(Measurement.metrics(measured.hidden(), "_without_names"));
    }
    metrics.put("bm25_k1", measured.k1());
    metrics.put("bm25_b", measured.b());
    String verdict = measured.visible().verdict();
    return StageReport.of(
            Measurement.ledger(queries, judged, measured.visible()),
            run.isPresent() ? verdict : verdict + " " + CORPUS_STATISTICS + ".")
        .withMetrics(metrics)
        .withDetails(Details.of(measured));
  }

  private Bm25System bm25(HeldOutTask tasks, RetrievalTask task, int threads) throws IOException {
    TextAnalysis analysis =
        recipe.analysis().isEmpty()
            ? run.isPresent() ? TextAnalysis.CODE : TextAnalysis.PROSE
            : recipe.analysis().equals("code") ? TextAnalysis.CODE : TextAnalysis.PROSE;
    if (run.isPresent()) {
      return Bm25Tuning.on(tasks.training(), analysis, EvaluateStage.TUNING_QUERIES, threads)
          .system(threads);
    }
    try (Bm25Index index = Bm25Index.build(task.documents(), task.documentTexts(), analysis)) {
      Bm25Statistics statistics = index.statistics();
      return new Bm25System(analysis, Bm25.PAPER, statistics, threads);
    }
  }

  private static TaskEmbedding embedded(RetrievalTask task, Encoder encoder) {
    return new TaskEmbedding() {
      @Override
      public float[][] queries() {
        return encoder.encodeQueries(task.queryTexts());
      }

      @Override
      public float[][] documents(int from, int to) {
        return encoder.encodeDocuments(task.documentTexts().subList(from, to));
      }
    };
  }

  private Dataset<Row> table(StageContext context, String name) {
    return run.map(tables -> tables.read(context.spark(), name))
        .orElseGet(() -> context.read(name));
  }

  private boolean hasNames(StageContext context) {
    return recipe.hideNames()
        && run.isPresent()
        && Arrays.asList(table(context, "documents").columns())
            .contains(CorpusStage.TEXT_WITHOUT_NAME);
  }
}
