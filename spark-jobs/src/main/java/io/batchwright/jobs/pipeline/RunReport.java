package io.batchwright.jobs.pipeline;

import io.batchwright.data.dedup.DuplicatePair;
import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.StageReport;
import io.batchwright.jobs.run.StageResult;
import io.batchwright.report.ReportData;
import io.batchwright.report.ReportPage;
import io.batchwright.train.evaluation.EvaluationResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** Gathers what the stages left into {@code report.html}. */
final class RunReport {
  private final JobContext<PipelineRecipe> context;
  private final PipelineRecipe recipe;
  private final Map<String, StageReport> stages = new LinkedHashMap<>();

  RunReport(JobContext<PipelineRecipe> context, PipelineRecipe recipe) {
    this.context = context;
    this.recipe = recipe;
    for (StageResult result : context.stages().results()) {
      stages.put(result.name(), result.report());
    }
  }

  void write() throws IOException {
    Configuration hadoop = context.spark().sessionState().newHadoopConf();
    ReportFile.write(context, ReportPage.render(data(hadoop)));
  }

  private ReportData data(Configuration hadoop) throws IOException {
    DuplicatesStage.Found duplicates = details(DuplicatesStage.NAME, DuplicatesStage.Found.class);
    Optional<EvaluateStage.Measured> measured = measured();
    return new ReportData(
        context.record().json().path("job").asText(),
        measured
            .map(m -> m.visible().verdict())
            .orElse(
                recipe.languageModel()
                    ? stages.get(TrainStage.NAME).headline()
                    : "Prepared and trained; nothing was held out, so nothing is claimed."),
        provenance(),
        ReportTiles.of(stages, measured, recipe.languageModel()),
        ReportFile.ledger(stages),
        duplicates.examples().stream().findFirst().map(RunReport::pair),
        measured.map(m -> examples(m.visible())).orElse(List.of()),
        new ReportCharts(stages, context.dir(), hadoop, recipe.languageModel()).all(),
        measured.map(ReportScores::of).orElse(List.of()),
        ranks(),
        warnings(),
        ReportFile.settings(context),
        rerun(),
        limits());
  }

  private Optional<EvaluateStage.Measured> measured() {
    StageReport report = stages.get(EvaluateStage.NAME);
    return report != null && EvaluateStage.measured(report)
        ? Optional.of(Details.read(report.details(), EvaluateStage.Measured.class))
        : Optional.empty();
  }

  private <T extends Record> T details(String stage, Class<T> type) {
    return Details.read(stages.get(stage).details(), type);
  }

  private ReportData.Provenance provenance() {
    CorpusStage.Read read = details(CorpusStage.NAME, CorpusStage.Read.class);
    return ReportFile.provenance(
        context,
        recipe.seed(),
        String.format(
            Locale.ROOT,
            "%,d documents of %,d sources",
            stages.get(CorpusStage.NAME).ledger().out(),
            read.documentsBySource().size()));
  }

  private static ReportData.DuplicatePair pair(DuplicatePair pair) {
    return new ReportData.DuplicatePair(
        pair.survivorId(),
        pair.survivorText(),
        pair.docId(),
        pair.text(),
        pair.similarity(),
        "near_duplicate");
  }

  private static List<ReportData.SearchExample> examples(EvaluationResult result) {
    List<ReportData.SearchExample> examples = new ArrayList<>();
    result.hits().forEach(example -> examples.add(example(true, example)));
    result.misses().forEach(example -> examples.add(example(false, example)));
    return examples;
  }

  private static ReportData.SearchExample example(boolean hit, EvaluationResult.Example example) {
    return new ReportData.SearchExample(
        hit,
        example.query(),
        example.queryId().replaceFirst("^q:", "")
            + (example.modelRank() == 0
                ? ""
                : " (rank "
                    + example.modelRank()
                    + " for the model, "
                    + (example.bm25Rank() == 0 ? "none" : example.bm25Rank())
                    + " for BM25)"),
        hits(example.model()),
        hits(example.bm25()));
  }

  private static List<ReportData.Hit> hits(List<EvaluationResult.Answer> answers) {
    return answers.stream()
        .map(
            answer ->
                new ReportData.Hit(
                    answer.documentId(), answer.text(), answer.score(), answer.relevant()))
        .toList();
  }

  private List<ReportData.RankTime> ranks() {
    return details(TrainStage.NAME, TrainStage.Trained.class).ranks().stream()
        .map(
            rank ->
                new ReportData.RankTime(
                    rank.rank(), rank.computeSeconds(), rank.waitSeconds(), rank.dataSeconds()))
        .toList();
  }

  private List<String> warnings() {
    List<String> warnings = new ArrayList<>(context.warnings());
    warnings.addAll(details(TrainStage.NAME, TrainStage.Trained.class).warnings());
    context
        .record()
        .json()
        .path("not_measured")
        .properties()
        .forEach(
            entry ->
                warnings.add(entry.getKey() + " was not measured: " + entry.getValue().asText()));
    return warnings;
  }

  private List<String> rerun() {
    String job = context.record().json().path("job").asText();
    String out = recipe.run().folder().isEmpty() ? context.dir().toString() : recipe.run().folder();
    List<String> lines = new ArrayList<>();
    lines.addAll(
        List.of(
            "# the same run again, in another folder: the same weights, bit for bit, on like hosts",
            "bin/batchwright "
                + job
                + (job.equals("quickstart") ? "" : " --recipe RECIPE.yaml")
                + " --out "
                + out
                + "-again",
            "# compare the two",
            "bin/batchwright compare " + out + " " + out + "-again"));
    if (recipe.languageModel()) {
      return lines;
    }
    lines.addAll(
        List.of(
            "# ask the model",
            "bin/batchwright search --model "
                + out
                + "/model --corpus "
                + out
                + " \"reverse an array in place\"",
            "# your own pairs",
            "bin/batchwright pipeline --recipe conf/pairs.yaml --out my-run"));
    return lines;
  }

  private List<String> limits() {
    if (recipe.languageModel()) {
      return List.of(
          "Perplexity is per token of this run's vocabulary: it compares runs with the same"
              + " tokenizer.json only.",
          "Documents set aside come from the same sources as the training ones; other kinds of text"
              + " may score otherwise.",
          "Each piece of a document is read by itself; a model that sees more of what stands before"
              + " it scores better.");
    }
    List<String> limits = new ArrayList<>();
    limits.add(
        "Held-out queries come from the same kind of source as the training ones; other kinds of"
            + " text may score otherwise.");
    limits.add(
        "A document counts as relevant where its own description equals the query after"
            + " normalisation; other good answers count as misses.");
    limits.add(
        "Intervals come from a bootstrap over groups of one run; another seed moves the figures by"
            + " an amount they do not show.");
    limits.add(
        "The model knows no word order: it is a static embedding, small and fast, not a"
            + " transformer.");
    return limits;
  }
}
