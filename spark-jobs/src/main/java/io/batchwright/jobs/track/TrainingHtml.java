package io.batchwright.jobs.track;

import io.batchwright.report.Html;
import io.batchwright.report.LineChart;
import io.batchwright.report.ReportData;
import io.batchwright.train.step.StepReport;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The inside of the page: a section for each training, the newest first. */
final class TrainingHtml {
  private static final String STYLE =
      """
      <style>
      .bw svg{max-width:640px;font:11px sans-serif} .bw .chart{display:inline-block;width:48%;min-width:420px}
      .bw .curve{fill:none;stroke-width:1.6} .bw path.c0{stroke:#1f77b4} .bw path.c1{stroke:#d95f02}
      .bw .grid{stroke:#ddd} .bw .key{display:inline-block;width:12px;height:3px;margin:0 4px;vertical-align:middle}
      .bw .key.c0{background:#1f77b4} .bw .key.c1{background:#d95f02}
      .bw .compute{fill:#1f77b4} .bw .wait{fill:#d95f02} .bw .data{fill:#999}
      </style>
      """;
  private static final String RELOAD =
      "<script>setTimeout(function () { location.reload(); }, 5000);</script>";
  private static final int WIDTH = 1000;
  private static final int ROW = 18;
  private static final int LEFT = 70;

  private TrainingHtml() {}

  static String of(List<ShownTraining.View> views) {
    StringBuilder html = new StringBuilder("<div class=\"bw\">").append(STYLE);
    views.forEach(view -> section(html, view));
    if (views.stream().anyMatch(ShownTraining.View::running)) {
      html.append(RELOAD);
    }
    return html.append("</div>").toString();
  }

  private static void section(StringBuilder html, ShownTraining.View view) {
    html.append("<h4>").append(Html.escape(view.name())).append("</h4><p>");
    html.append(Html.escape(view.state()));
    List<StepReport> curve = view.curve();
    if (curve.isEmpty()) {
      html.append(", no step yet of %,d on %d ranks</p>".formatted(view.planned(), view.ranks()));
      return;
    }
    StepReport newest = newest(view);
    html.append(
        String.format(
            Locale.ROOT,
            ", step %,d of %,d on %d ranks, loss %.4f, learning rate %.3g, %,.0f tokens/s",
            newest.step(),
            view.planned(),
            view.ranks(),
            newest.loss(),
            newest.learningRate(),
            view.tokensPerSecond()));
    html.append("</p>");
    chart(html, "Loss", "nats", curve, StepReport::loss, view.validations());
    chart(html, "Learning rate", "", curve, StepReport::learningRate, List.of());
    chart(html, "Throughput", "tokens/s", curve, StepReport::tokensPerSecond, List.of());
    chart(html, "Gradient norm", "", curve, StepReport::gradNorm, List.of());
    figureOfValidations(
        html, "nDCG@10 of the mini-corpus", view, step -> step.validation().ndcg10());
    figureOfValidations(
        html, "Perplexity of documents set aside", view, step -> step.validation().perplexity());
    timeline(html, view.timeline());
  }

  /** A chart of what validations measured; none where it is another kind of training. */
  private static void figureOfValidations(
      StringBuilder html,
      String title,
      ShownTraining.View view,
      ToDoubleFunction<StepReport> figure) {
    List<StepReport> measured =
        view.validations().stream()
            .filter(step -> Double.isFinite(figure.applyAsDouble(step)))
            .toList();
    if (!measured.isEmpty()) {
      chart(html, title, "", measured, figure, List.of());
    }
  }

  private static StepReport newest(ShownTraining.View view) {
    List<StepReport> steps = view.timeline().getOrDefault(0, view.curve());
    return steps.get(steps.size() - 1);
  }

  private static void chart(
      StringBuilder html,
      String title,
      String unit,
      List<StepReport> steps,
      ToDoubleFunction<StepReport> figure,
      List<StepReport> validations) {
    ReportData.Series train = series("train", steps, figure);
    List<ReportData.Series> series =
        validations.isEmpty()
            ? List.of(train)
            : List.of(train, series("validation", validations, step -> step.validation().loss()));
    html.append("<div class=\"chart\"><b>").append(Html.escape(title)).append("</b>");
    html.append(LineChart.svg(ReportData.Chart.lines(title, "step", unit, series, "")));
    html.append("</div>");
  }

  private static ReportData.Series series(
      String name, List<StepReport> steps, ToDoubleFunction<StepReport> figure) {
    return ReportData.Series.curve(
        name,
        steps.stream().mapToDouble(StepReport::step).toArray(),
        steps.stream().mapToDouble(figure).toArray());
  }

  /** The newest steps of each rank as bars of their seconds. */
  private static void timeline(StringBuilder html, Map<Integer, List<StepReport>> timeline) {
    double longest =
        timeline.values().stream()
            .mapToDouble(steps -> steps.stream().mapToDouble(StepReport::stepSeconds).sum())
            .max()
            .orElse(0);
    if (!(longest > 0)) {
      return;
    }
    html.append("<p><b>Ranks</b>, the newest steps of each: ");
    html.append("blue computes, orange waits for other ranks, grey waits for batches</p>");
    html.append(
        "<svg style=\"max-width:%dpx\" viewBox=\"0 0 %d %d\">"
            .formatted(WIDTH, WIDTH, ROW * timeline.size() + 4));
    int row = 0;
    for (Map.Entry<Integer, List<StepReport>> rank : timeline.entrySet()) {
      html.append("<text x=\"0\" y=\"%d\">rank %d</text>".formatted(row * ROW + 13, rank.getKey()));
      double x = LEFT;
      for (StepReport step : rank.getValue()) {
        double scale = (WIDTH - LEFT) / longest;
        x = bar(html, "data", x, row, step.dataSeconds() * scale, step);
        x = bar(html, "compute", x, row, step.computeSeconds() * scale, step);
        x = bar(html, "wait", x, row, step.waitSeconds() * scale, step) + 1;
      }
      row++;
    }
    html.append("</svg>");
  }

  private static double bar(
      StringBuilder html, String kind, double x, int row, double width, StepReport step) {
    double drawn = Double.isFinite(width) ? Math.max(0, width) : 0;
    html.append(
        String.format(
            Locale.ROOT,
            "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>step %d, %s</title></rect>",
            kind,
            x,
            row * ROW + 2,
            drawn,
            ROW - 4,
            step.step(),
            kind));
    return x + drawn;
  }
}
