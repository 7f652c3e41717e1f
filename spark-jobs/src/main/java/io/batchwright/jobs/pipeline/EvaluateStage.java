package io.batchwright.jobs.pipeline;

import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.data.token.Tokenizer;
import io.batchwright.jobs.run.LocalFolder;
import io.batchwright.jobs.run.StageBody;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import io.batchwright.jobs.run.TextFile;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.train.evaluation.Bm25Tuning;
import io.batchwright.train.evaluation.DenseSystem;
import io.batchwright.train.evaluation.EvaluationResult;
import io.batchwright.train.evaluation.RankingSystem;
import io.batchwright.train.evaluation.RetrievalEvaluation;
import io.batchwright.train.evaluation.RetrievalTask;
import io.batchwright.train.evaluation.TextAnalysis;
import io.batchwright.train.export.Encoder;
import io.batchwright.train.export.TokenizedTask;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Measures the model on held-out queries over the whole deduplicated corpus, beside BM25, a hybrid,
 * the untrained model and the model of shuffled pairs: evaluation/ with TREC files.
 */
final class EvaluateStage implements StageBody {
  static final String NAME = "evaluate";
  static final String FOLDER = "evaluation";
  static final int TUNING_QUERIES = 1000;

  private final PipelineRecipe recipe;
  private final int vocabulary;

  EvaluateStage(PipelineRecipe recipe, int vocabulary) {
    this.recipe = recipe;
    this.vocabulary = vocabulary;
  }

  /**
   * What the report shows of this stage.
   *
   * @param hidden the figures with the declared name hidden; null where the corpus does not know it
   * @param perSource mean of the first metric by system, then by source
   */
  record Measured(
      EvaluationResult visible,
      EvaluationResult hidden,
      double k1,
      double b,
      TreeMap<String, TreeMap<String, Double>> perSource) {}

  @Override
  public StageReport run(StageContext context) throws IOException {
    HeldOutTask tasks = new HeldOutTask(context::read);
    int threads = context.spark().sparkContext().defaultParallelism();
    Bm25Tuning bm25 = Bm25Tuning.on(tasks.training(), TextAnalysis.CODE, TUNING_QUERIES, threads);
    RetrievalTask all = tasks.heldOut("text");
    if (all.queries().size() == 0) {
      return nothing(context);
    }
    Measurement measurement =
        new Measurement(recipe.evaluate().maximumQueries(), recipe.evaluate().depth());
    RetrievalTask task = measurement.sampled(all);
    Path folder = new Path(context.dir(), FOLDER);
    FileSystem files = folder.getFileSystem(context.spark().sessionState().newHadoopConf());
    Measured[] measured = new Measured[1];
    try (Backend backend =
            Backends.select(
                recipe.train().backend(), 0, recipe.train().precision(), recipe.train().threads());
        Arena weights = backend.arena("compared models");
        Tokenizer tokenizer =
            Tokenizer.load(
                TextFile.read(new Path(context.dir(), TokensStage.TOKENIZER), context))) {
      Encoders encoders = new Encoders(context, recipe, tokenizer, vocabulary);
      Systems systems =
          new Systems(backend, encoders.compared(backend, weights), bm25.system(threads));
      LocalFolder.write(
          files,
          folder,
          local -> {
            EvaluationResult visible = measurement.of(task, systems.of(task), local);
            EvaluationResult hidden = null;
            if (recipe.evaluate().hideNames() && hasNames(context)) {
              RetrievalTask nameless =
                  measurement.sampled(tasks.heldOut(CorpusStage.TEXT_WITHOUT_NAME));
              hidden =
                  measurement.of(nameless, systems.of(nameless), local.resolve("without-names"));
            }
            measured[0] =
                new Measured(
                    visible,
                    hidden,
                    bm25.best().k1(),
                    bm25.best().b(),
                    PerSource.read(local.resolve("per_query.jsonl"), tasks.sources()));
          });
    }
    context.artifact("evaluation", FOLDER);
    return report(context, measured[0], all.queries().size());
  }

  private static boolean hasNames(StageContext context) {
    return Arrays.asList(context.read("documents").columns())
        .contains(CorpusStage.TEXT_WITHOUT_NAME);
  }

  /**
   * The systems of one evaluation; texts are tokenized once for all encoders.
   *
   * @param encoders by name, the trained model first
   */
  private record Systems(Backend backend, Map<String, Encoder> encoders, RankingSystem bm25) {

    Map<String, RankingSystem> of(RetrievalTask task) {
      TokenizedTask tokens = TokenizedTask.of(task, encoders.get(RetrievalEvaluation.MODEL));
      Map<String, RankingSystem> systems = new LinkedHashMap<>();
      systems.put(
          RetrievalEvaluation.MODEL, dense(tokens, encoders.get(RetrievalEvaluation.MODEL)));
      systems.put(RetrievalEvaluation.BM25, bm25);
      encoders.forEach((name, encoder) -> systems.putIfAbsent(name, dense(tokens, encoder)));
      return systems;
    }

    private RankingSystem dense(TokenizedTask tokens, Encoder encoder) {
      return new DenseSystem(backend, task -> tokens.embedded(encoder));
    }
  }

  private StageReport report(StageContext context, Measured measured, long judged) {
    EvaluationResult visible = measured.visible();
    long queries = context.read("queries").where("split = 'held_out'").count();
    LedgerEntry ledger = Measurement.ledger(queries, judged, visible);
    Map<String, Double> metrics = new HashMap<>(Measurement.metrics(visible, ""));
    if (measured.hidden() != null) {
      metrics.putAll(Measurement.metrics(measured.hidden(), "_without_names"));
    }
    metrics.put("bm25_k1", measured.k1());
    metrics.put("bm25_b", measured.b());
    Map<String, String> missing =
        measured.hidden() == null
            ? Map.of(
                "ndcg10_model_without_names",
                recipe.evaluate().hideNames()
                    ? "the corpus has no column " + CorpusStage.TEXT_WITHOUT_NAME
                    : "evaluate.hideNames is off")
            : Map.of();
    return StageReport.of(ledger, visible.verdict())
        .withMetrics(metrics)
        .withNotMeasured(missing)
        .withDetails(Details.of(measured));
  }

  private static StageReport nothing(StageContext context) {
    long queries = context.read("queries").where("split = 'held_out'").count();
    return StageReport.of(
            LedgerEntry.of(NAME, queries, 0).with(Map.of("without_judgement", queries), Map.of()),
            "nothing is held out, so nothing is measured: name sources in split.heldOut")
        .withNotMeasured(Map.of("ndcg10_model", "split.heldOut names no source with queries"));
  }

  /** Only for reading back: whether a finished stage measured anything. */
  static boolean measured(StageReport report) {
    return !report.details().isNull() && !report.details().isEmpty();
  }

  static List<EvaluationResult.Score> scores(EvaluationResult result, String system) {
    return result.scores().stream().filter(score -> score.system().equals(system)).toList();
  }
}
