package io.batchwright.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What every report page has: head, first screen, ledger, lists, commands, configuration. */
final class PageParts {
  private final StringBuilder page = new StringBuilder(64 * 1024);

  /** The page so far, to append to. */
  StringBuilder page() {
    return page;
  }

  void open(String title) {
    page.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
    page.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    page.append("<title>Batchwright: ").append(Html.escape(title)).append("</title>");
    page.append("<style>").append(style()).append("</style></head><body>");
  }

  String close() {
    return page.append("</body></html>\n").toString();
  }

  void firstScreen(
      String title, String verdict, ReportData.Provenance from, List<ReportData.Tile> tiles) {
    page.append("<h1>Batchwright ").append(Html.escape(title)).append("</h1>");
    page.append("<p class=\"verdict\">").append(Html.escape(verdict)).append("</p>");
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
    for (ReportData.Tile tile : tiles) {
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

  void funnel(List<ReportData.FunnelStage> stages) {
    heading("Every row accounted for");
    page.append("<div class=\"funnel\">");
    for (ReportData.FunnelStage stage : stages) {
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

  void rerun(List<String> commands) {
    heading("How to run it again, and what to run next");
    page.append("<pre>").append(Html.escape(String.join("\n", commands))).append("</pre>");
  }

  void config(List<ReportData.Setting> settings) {
    heading("Resolved configuration");
    page.append("<details><summary>").append(settings.size());
    page.append(" values with their origins</summary><div class=\"scroll\"><table>");
    page.append("<tr><th>key</th><th>value</th><th>origin</th></tr>");
    for (ReportData.Setting setting : settings) {
      page.append(
          "<tr><td><code>%s</code></td><td><code>%s</code></td><td>%s</td></tr>"
              .formatted(
                  Html.escape(setting.key()),
                  Html.escape(Html.cut(setting.value(), 300)),
                  Html.escape(setting.origin())));
    }
    page.append("</table></div></details>");
  }

  void list(String title, List<String> items, String whenEmpty) {
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

  void heading(String text) {
    page.append("<h2>").append(Html.escape(text)).append("</h2>");
  }

  void note(String text) {
    if (!text.isEmpty()) {
      page.append("<p class=\"note\">").append(Html.escape(text)).append("</p>");
    }
  }

  void none(String text) {
    page.append("<p class=\"none\">").append(Html.escape(text)).append("</p>");
  }

  private static String style() {
    try (InputStream in = PageParts.class.getResourceAsStream("report.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void text(String what, String id, String html) {
    page.append(
        "<div><b>%s</b> <code>%s</code><pre>%s</pre></div>".formatted(what, Html.escape(id), html));
  }
}
