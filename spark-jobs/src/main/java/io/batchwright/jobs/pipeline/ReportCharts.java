package io.batchwright.jobs.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.jobs.run.StageReport;
import io.batchwright.report.ReportData;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The curves and distributions of a run. */
final class ReportCharts {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LARGEST_SOURCES = 12;

  private final Map<String, StageReport> stages;
  private final Path dir;
  private final Configuration hadoop;
  private final boolean languageModel;

  ReportCharts(
      Map<String, StageReport> stages, Path dir, Configuration hadoop, boolean languageModel) {
    this.languageModel = languageModel;
    this.stages = stages;
    this.dir = dir;
    this.hadoop = hadoop;
  }

  List<ReportData.Chart> all() throws IOException {
    List<ReportData.Chart> charts = new ArrayList<>();
    List<JsonNode> steps = lines("metrics.jsonl");
    charts.add(loss(steps));
    charts.add(curve("Learning rate", "", steps, "learning_rate"));
    charts.add(curve("Throughput", "tokens per second", steps, "tokens_per_second"));
    charts.add(curve("Gradient norm", "", steps, "grad_norm"));
    List<JsonNode> retrieved = steps.stream().filter(s -> s.has("validation_ndcg10")).toList();
    if (retrieved.size() > 1) {
      charts.add(curve("nDCG@10 while training", "", retrieved, "validation_ndcg10"));
    }
    List<JsonNode> perplexities =
        steps.stream().filter(s -> s.has("validation_perplexity")).toList();
    if (perplexities.size() > 1) {
      charts.add(
          curve("Perplexity of documents set aside", "", perplexities, "validation_perplexity"));
    }
    PlanStage.Planned plan =
        Details.read(stages.get(PlanStage.NAME).details(), PlanStage.Planned.class);
    charts.add(
        ReportData.Chart.bars(
            languageModel ? "Tokens of a sequence" : "Tokens of a pair",
            "tokens",
            "samples",
            ReportData.Series.bars(
                plan.samplesByLength().keySet().stream().map(l -> l + " to " + (l + 31)).toList(),
                values(plan.samplesByLength().values())),
            languageModel ? "pieces of documents, packed" : "query and document together"));
    charts.add(
        sources(
            "What the batches are made of",
            plan.firstEpoch().samplesBySource(),
            "samples of the first epoch by source; a batch holds %.1f sources on average"
                .formatted(plan.firstEpoch().sourcesPerStep())));
    DuplicatesStage.Found found =
        Details.read(stages.get(DuplicatesStage.NAME).details(), DuplicatesStage.Found.class);
    charts.add(
        sources("Documents removed, by source", found.removedBySource(), "filters and duplicates"));
    return charts;
  }

  private ReportData.Chart loss(List<JsonNode> steps) throws IOException {
    List<ReportData.Series> series = new ArrayList<>();
    series.add(series("train", steps, "loss"));
    List<JsonNode> validation = steps.stream().filter(step -> step.has("validation_loss")).toList();
    if (!validation.isEmpty()) {
      series.add(series("validation", validation, "validation_loss"));
    }
    return ReportData.Chart.lines(
        "Loss",
        "step",
        "nats",
        series,
        validation.isEmpty()
            ? ""
            : languageModel
                ? "the validation documents are never trained on"
                : "the validation queries are of classes that are never trained on");
  }

  private static ReportData.Chart curve(
      String title, String unit, List<JsonNode> steps, String field) {
    return ReportData.Chart.lines(title, "step", unit, List.of(series(title, steps, field)), "");
  }

  private static ReportData.Series series(String name, List<JsonNode> steps, String field) {
    return ReportData.Series.curve(
        name,
        steps.stream().mapToDouble(step -> step.path("step").asDouble()).toArray(),
        steps.stream().mapToDouble(step -> step.path(field).asDouble(Double.NaN)).toArray());
  }

  private static ReportData.Chart sources(String title, Map<String, Long> counts, String note) {
    List<Map.Entry<String, Long>> largest =
        counts.entrySet().stream()
            .sorted(
                Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(Map.Entry.comparingByKey()))
            .limit(LARGEST_SOURCES)
            .toList();
    return ReportData.Chart.bars(
        title,
        "source",
        "rows",
        ReportData.Series.bars(
            largest.stream().map(Map.Entry::getKey).toList(),
            values(largest.stream().map(Map.Entry::getValue).toList())),
        counts.size() > LARGEST_SOURCES
            ? note + "; the largest %d of %d".formatted(LARGEST_SOURCES, counts.size())
            : note);
  }

  private static double[] values(java.util.Collection<Long> counts) {
    return counts.stream().mapToDouble(Long::doubleValue).toArray();
  }

  private List<JsonNode> lines(String name) throws IOException {
    Path path = new Path(dir, name);
    List<JsonNode> lines = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(path.getFileSystem(hadoop).open(path), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(JSON.readTree(line));
      }
    } catch (FileNotFoundException none) {
      return List.of();
    }
    return lines;
  }
}
