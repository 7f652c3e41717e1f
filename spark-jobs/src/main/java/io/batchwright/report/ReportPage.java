package io.batchwright.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Lays a {@link ReportData} out as one HTML page that needs nothing else. */
public final class ReportPage {
  private final ReportData data;
  private final StringBuilder page = new StringBuilder(64 * 1024);

  private ReportPage(ReportData data) {
    this.data = data;
  }

  /** The page as text, in UTF-8 when written. */
  public static String render(ReportData data) {
    return new ReportPage(data).layOut();
  }

  private String layOut() {
    page.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
    page.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    page.append("<title>Batchwright: ").append(Html.escape(data.title())).append("</title>");
    page.append("<style>").append(style()).append("</style></head><body>");
    firstScreen();
    funnel();
    duplicate();
    examples();
    scores();
    charts();
    ranks();
    list("Warnings", data.warnings(), "None.");
    list("Limits of this run", data.limits(), "");
    rerun();
    config();
    return page.append("</body></html>\n").toString();
  }

  private void firstScreen() {
    ReportData.Provenance from = data.provenance();
    page.append("<h1>Batchwright ").append(Html.escape(data.title())).append("</h1>");
    page.append("<p class=\"verdict\">").append(Html.escape(data.verdict())).append("</p>");
    page.append(
        "<p class=\"provenance\">%s. Seed %d, commit %s, %s, started %s, took %s.</p>"
            .formatted(
                Html.escape(from.data()),
                from.seed(),
                Html.escape(from.commit()),
                Html.escape(from.hardware()),
                Html.escape(from.started()),
                Html.duration(from.seconds())));
    page.append("<div class=\"tiles\">");
    for (ReportData.Tile tile : data.tiles()) {
      page.append(
          "<div class=\"tile%s\"><div class=\"label\">%s</div><div class=\"value\">%s</div><div class=\"detail\">%s</div></div>"
              .formatted(
                  tile.good() ? "" : " bad",
                  Html.escape(tile.label()),
                  Html.escape(tile.value()),
                  Html.escape(tile.detail())));
    }
    page.append("</div>");
  }

  private void funnel() {
    heading("Every row accounted for");
    page.append("<div class=\"funnel\">");
    for (ReportData.FunnelStage stage : data.funnel()) {
      page.append(
          "<div><span>%s</span><span class=\"track\"><i style=\"width:%s%%\"></i></span><span>%s of %s</span><small>%s</small></div>"
              .formatted(
                  Html.escape(stage.stage()),
                  LineChart.pixel(100.0 * stage.out() / Math.max(1, stage.in() + stage.expanded())),
                  Html.count(stage.out()),
                  Html.count(stage.in() + stage.expanded()),
                  Html.escape(account(stage))));
    }
    page.append("</div>");
  }

  private static String account(ReportData.FunnelStage stage) {
    StringBuilder text = new StringBuilder();
    if (stage.expanded() != 0) {
      text.append("expanded %+,d; ".formatted(stage.expanded()));
    }
    appendReasons(text, "dropped", stage.dropped());
    appendReasons(text, "quarantined", stage.quarantined());
    text.append(stage.balanced() ? "balanced" : "NOT BALANCED");
    return text.append(", ").append(Html.duration(stage.seconds())).toString();
  }

  private static void appendReasons(StringBuilder text, String what, Map<String, Long> reasons) {
    if (!reasons.isEmpty()) {
      text.append(what).append(": ");
      text.append(
          reasons.entrySet().stream()
              .map(e -> Html.count(e.getValue()) + " " + e.getKey().replace('_', ' '))
              .collect(Collectors.joining(", ")));
      text.append("; ");
    }
  }

  private void duplicate() {
    heading("One duplicate pair, chosen by hash");
    if (data.duplicate().isEmpty()) {
      none("No near-duplicate pair was found.");
      return;
    }
    ReportData.DuplicatePair pair = data.duplicate().get();
    TokenDifference.Marked marked = TokenDifference.mark(pair.survivorText(), pair.removedText());
    page.append(
        "<p class=\"note\">%s, exact Jaccard similarity %s. Differences are marked.</p>"
            .formatted(
                Html.escape(pair.reason().replace('_', ' ')), Html.decimal(pair.similarity(), 3)));
    page.append("<div class=\"two\">");
    text("kept", pair.survivorId(), marked.left());
    text("removed", pair.removedId(), marked.right());
    page.append("</div>");
  }

  private void text(String what, String id, String html) {
    page.append(
        "<div><b>%s</b> <code>%s</code><pre>%s</pre></div>".formatted(what, Html.escape(id), html));
  }

  private void examples() {
    heading("Three hits and three misses, chosen by hash");
    if (data.examples().isEmpty()) {
      none("No search was evaluated.");
    }
    for (ReportData.SearchExample example : data.examples()) {
      page.append(
          "<div class=\"card\"><span class=\"%s\">%s</span> <span class=\"q\">%s</span><small class=\"note\"><br>expected <code>%s</code></small><div class=\"two\">"
              .formatted(
                  example.hit() ? "hit" : "miss",
                  example.hit() ? "hit" : "miss",
                  Html.escape(example.query()),
                  Html.escape(example.expectedId())));
      hits("model", example.model());
      hits("BM25", example.bm25());
      page.append("</div></div>");
    }
  }

  private void hits(String system, List<ReportData.Hit> hits) {
    page.append("<div><small class=\"note\">").append(system).append("</small><ol class=\"hits\">");
    for (ReportData.Hit hit : hits) {
      page.append(
          "<li%s><code>%s</code> <small class=\"note\">%s</small></li>"
              .formatted(
                  hit.relevant() ? " class=\"relevant\"" : "",
                  Html.escape(Html.cut(hit.text().strip().replaceAll("\\s+", " "), 160)),
                  Html.decimal(hit.score(), 3)));
    }
    page.append("</ol></div>");
  }

  private void scores() {
    for (ReportData.ScoreTable table : data.scores()) {
      heading(table.title());
      page.append("<div class=\"scroll\"><table><tr><th>system</th>");
      table
          .metrics()
          .forEach(m -> page.append("<th class=\"n\">").append(Html.escape(m)).append("</th>"));
      page.append("</tr>");
      for (ReportData.ScoreRow row : table.rows()) {
        page.append("<tr><td>").append(Html.escape(row.system())).append("</td>");
        row.scores()
            .forEach(score -> page.append("<td class=\"n\">").append(score(score)).append("</td>"));
        page.append("</tr>");
      }
      page.append("</table></div>");
      note(table.note());
    }
  }

  private static String score(ReportData.Score score) {
    String mean = Html.decimal(score.mean(), 4);
    return Double.isFinite(score.low())
        ? "%s<small>%s to %s</small>"
            .formatted(mean, Html.decimal(score.low(), 4), Html.decimal(score.high(), 4))
        : mean;
  }

  private void charts() {
    if (data.charts().isEmpty()) {
      return;
    }
    heading("Curves and distributions");
    page.append("<div class=\"two\">");
    for (ReportData.Chart chart : data.charts()) {
      page.append("<div><h3>").append(Html.escape(chart.title())).append("</h3>");
      page.append(chart.kind().equals("bars") ? BarChart.html(chart) : LineChart.svg(chart));
      note(chart.note());
      page.append("</div>");
    }
    page.append("</div>");
  }

  private void ranks() {
    if (data.ranks().isEmpty()) {
      return;
    }
    heading("Where each rank spent its time");
    page.append(
        "<p class=\"legend\"><span class=\"key c0\"></span>compute<span class=\"key"
            + " c1\"></span>wait for peers<span class=\"key c2\"></span>read data</p>");
    page.append("<div class=\"scroll\"><table>");
    for (ReportData.RankTime rank : data.ranks()) {
      double total =
          Math.max(1e-9, rank.computeSeconds() + rank.waitSeconds() + rank.dataSeconds());
      page.append(
          "<tr><td>rank %d</td><td style=\"width:60%%\"><div class=\"stack\"><i class=\"compute\" style=\"width:%s%%\"></i><i class=\"wait\" style=\"width:%s%%\"></i><i class=\"data\" style=\"width:%s%%\"></i></div></td><td class=\"n\">%s / %s / %s s</td></tr>"
              .formatted(
                  rank.rank(),
                  LineChart.pixel(100 * rank.computeSeconds() / total),
                  LineChart.pixel(100 * rank.waitSeconds() / total),
                  LineChart.pixel(100 * rank.dataSeconds() / total),
                  Html.decimal(rank.computeSeconds(), 1),
                  Html.decimal(rank.waitSeconds(), 1),
                  Html.decimal(rank.dataSeconds(), 1)));
    }
    page.append("</table></div>");
  }

  private void rerun() {
    heading("How to run it again, and what to run next");
    page.append("<pre>").append(Html.escape(String.join("\n", data.rerun()))).append("</pre>");
  }

  private void config() {
    heading("Resolved configuration");
    page.append("<details><summary>").append(data.config().size());
    page.append(" values with their origins</summary><div class=\"scroll\"><table>");
    page.append("<tr><th>key</th><th>value</th><th>origin</th></tr>");
    for (ReportData.Setting setting : data.config()) {
      page.append(
          "<tr><td><code>%s</code></td><td><code>%s</code></td><td>%s</td></tr>"
              .formatted(
                  Html.escape(setting.key()),
                  Html.escape(Html.cut(setting.value(), 300)),
                  Html.escape(setting.origin())));
    }
    page.append("</table></div></details>");
  }

  private void list(String title, List<String> items, String whenEmpty) {
    if (items.isEmpty() && whenEmpty.isEmpty()) {
      return;
    }
    heading(title);
    if (items.isEmpty()) {
      none(whenEmpty);
      return;
    }
    page.append("<ul>");
    items.forEach(item -> page.append("<li>").append(Html.escape(item)).append("</li>"));
    page.append("</ul>");
  }

  private void heading(String text) {
    page.append("<h2>").append(Html.escape(text)).append("</h2>");
  }

  private void note(String text) {
    if (!text.isEmpty()) {
      page.append("<p class=\"note\">").append(Html.escape(text)).append("</p>");
    }
  }

  private void none(String text) {
    page.append("<p class=\"none\">").append(Html.escape(text)).append("</p>");
  }

  private static String style() {
    try (InputStream in = ReportPage.class.getResourceAsStream("report.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
