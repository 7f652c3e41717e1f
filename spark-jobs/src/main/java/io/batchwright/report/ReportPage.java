package io.batchwright.report;

import java.util.List;

/** Lays a {@link ReportData} out as one HTML page that needs nothing else. */
public final class ReportPage {
  private final ReportData data;
  private final PageParts parts = new PageParts();
  private final StringBuilder page = parts.page();

  private ReportPage(ReportData data) {
    this.data = data;
  }

  /** The page as text, in UTF-8 when written. */
  public static String render(ReportData data) {
    return new ReportPage(data).layOut();
  }

  private String layOut() {
    parts.open(data.title());
    parts.firstScreen(data.title(), data.verdict(), data.provenance(), data.tiles());
    parts.funnel(data.funnel());
    duplicate();
    examples();
    scores();
    charts();
    ranks();
    parts.list("Warnings", data.warnings(), "None.");
    parts.list("Limits of this run", data.limits(), "");
    parts.rerun(data.rerun());
    parts.config(data.config());
    return parts.close();
  }

  private void duplicate() {
    parts.heading("One duplicate pair, chosen by hash");
    if (data.duplicate().isEmpty()) {
      parts.none("No near-duplicate pair was found.");
      return;
    }
    ReportData.DuplicatePair pair = data.duplicate().get();
    TokenDifference.Marked marked = TokenDifference.mark(pair.survivorText(), pair.removedText());
    page.append(
        "<p class=\"note\">%s, exact Jaccard similarity %s. Differences are marked.</p>"
            .formatted(
                Html.escape(pair.reason().replace('_', ' ')), Html.decimal(pair.similarity(), 3)));
    page.append("<div class=\"two\">");
    parts.text("kept", pair.survivorId(), marked.left());
    parts.text("removed", pair.removedId(), marked.right());
    page.append("</div>");
  }

  private void examples() {
    parts.heading("Three hits and three misses, chosen by hash");
    if (data.examples().isEmpty()) {
      parts.none("No search was evaluated.");
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
      parts.heading(table.title());
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
      parts.note(table.note());
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
    parts.heading("Curves and distributions");
    page.append("<div class=\"two\">");
    for (ReportData.Chart chart : data.charts()) {
      page.append("<div><h3>").append(Html.escape(chart.title())).append("</h3>");
      page.append(chart.kind().equals("bars") ? BarChart.html(chart) : LineChart.svg(chart));
      parts.note(chart.note());
      page.append("</div>");
    }
    page.append("</div>");
  }

  private void ranks() {
    if (data.ranks().isEmpty()) {
      return;
    }
    parts.heading("Where each rank spent its time");
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
}
