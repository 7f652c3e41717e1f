package io.batchwright.report;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** Lays a {@link DedupData} out as one HTML page that needs nothing else. */
public final class DedupPage {
  private static final int CLUSTER_TOKENS = 500;
  private static final int SHARED_BEFORE = 160;

  private final DedupData data;
  private final PageParts parts = new PageParts();
  private final StringBuilder page = parts.page();

  private DedupPage(DedupData data) {
    this.data = data;
  }

  /** The page as text, in UTF-8 when written. */
  public static String render(DedupData data) {
    return new DedupPage(data).layOut();
  }

  private String layOut() {
    parts.open(data.title());
    parts.firstScreen(data.title(), data.verdict(), data.provenance(), data.tiles());
    parts.funnel(data.ledger());
    amounts("What went, in documents", "documents", DedupData.Amount::documents);
    amounts("What went, in bytes of UTF-8", "bytes", DedupData.Amount::bytes);
    amounts(
        "What went, in words (runs of characters other than white space)",
        "words",
        DedupData.Amount::words);
    sizes();
    overlap();
    clusters();
    parts.list("Warnings", data.warnings(), "None.");
    parts.list("Limits of these figures", data.limits(), "");
    parts.rerun(data.rerun());
    parts.config(data.config());
    return parts.close();
  }

  /** One row a source: a bar of what stayed, then the amounts by cause. */
  private void amounts(String title, String unit, ToLongFunction<DedupData.Amount> amount) {
    parts.heading(title);
    TreeSet<String> causes = new TreeSet<>();
    data.sources().forEach(source -> causes.addAll(source.removed().keySet()));
    page.append("<div class=\"scroll\"><table><tr><th>source</th><th class=\"n\">")
        .append(unit)
        .append("</th>");
    for (String cause : causes) {
      page.append("<th class=\"n\">").append(Html.escape(cause.replace('_', ' '))).append("</th>");
    }
    page.append("<th class=\"n\">kept</th><th>share kept</th></tr>");
    for (DedupData.SourceFunnel source : data.sources()) {
      long all = amount.applyAsLong(source.in());
      long kept = all;
      page.append(cell(source.source(), false)).append(cell(Html.count(all), true));
      for (String cause : causes) {
        long went = amount.applyAsLong(source.removed().getOrDefault(cause, DedupData.Amount.NONE));
        kept -= went;
        page.append(cell(went == 0 ? "" : Html.count(went) + share(went, all), true));
      }
      page.append(cell(Html.count(kept), true));
      page.append("<td style=\"min-width:120px\">").append(bar(kept, all)).append("</td></tr>");
    }
    page.append("</table></div>");
  }

  private static String cell(String text, boolean number) {
    return number
        ? "<td class=\"n\">" + Html.escape(text) + "</td>"
        : "<tr><td>" + Html.escape(Html.cut(text, 60)) + "</td>";
  }

  private static String share(long part, long all) {
    return " (" + Html.decimal(100.0 * part / Math.max(1, all), 1) + " %)";
  }

  private static String bar(long part, long all) {
    double percent = 100.0 * part / Math.max(1, all);
    return ("<svg viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" style=\"height:12px\""
            + " role=\"img\" aria-label=\"%s %% kept\"><rect width=\"100\" height=\"10\""
            + " fill=\"var(--tint)\"/><rect width=\"%s\" height=\"10\" fill=\"var(--a)\"/></svg>")
        .formatted(Html.decimal(percent, 1), LineChart.pixel(percent));
  }

  private void sizes() {
    parts.heading("Clusters by size");
    if (data.clusterSizes().isEmpty()) {
      parts.none("No document has a duplicate.");
      return;
    }
    List<String> labels = data.clusterSizes().stream().map(DedupData.SizeClass::sizes).toList();
    page.append("<div class=\"two\">");
    chart("Clusters", labels, DedupData.SizeClass::clusters);
    chart("Documents removed from them", labels, DedupData.SizeClass::removed);
    page.append("</div>");
  }

  private void chart(
      String title, List<String> labels, ToLongFunction<DedupData.SizeClass> figure) {
    double[] values = data.clusterSizes().stream().mapToDouble(figure::applyAsLong).toArray();
    page.append("<div><h3>").append(title).append("</h3>");
    page.append(
        BarChart.html(
            ReportData.Chart.bars(
                title, "documents", "clusters", ReportData.Series.bars(labels, values), "")));
    page.append("</div>");
  }

  private void overlap() {
    DedupData.Overlap overlap = data.overlap();
    parts.heading("How sources overlap");
    parts.note(
        "Documents of the row's source that share a cluster with one of the column's source; on"
            + " the diagonal, with another of their own. The shade is the share of the row's"
            + " documents.");
    page.append("<div class=\"scroll\"><table><tr><th>source</th><th class=\"n\">documents</th>");
    overlap
        .sources()
        .forEach(
            name ->
                page.append("<th class=\"n\">")
                    .append(Html.escape(Html.cut(name, 24)))
                    .append("</th>"));
    page.append("</tr>");
    for (int row = 0; row < overlap.sources().size(); row++) {
      page.append(cell(overlap.sources().get(row), false));
      page.append(cell(Html.count(overlap.documents()[row]), true));
      for (long shared : overlap.shared()[row]) {
        double share = (double) shared / Math.max(1, overlap.documents()[row]);
        page.append(
            "<td class=\"n\" style=\"background:rgba(209,98,43,%s)\">%s</td>"
                .formatted(
                    Html.decimal(0.75 * Math.sqrt(Math.min(1, share)), 2),
                    shared == 0 ? "" : Html.count(shared)));
      }
      page.append("</tr>");
    }
    page.append("</table></div>");
  }

  private void clusters() {
    parts.heading("The %d largest clusters".formatted(data.clusters().size()));
    if (data.clusters().isEmpty()) {
      parts.none("No document has a duplicate.");
      return;
    }
    parts.note(
        "Each shows its survivor beside the document that is least similar to it, from shortly"
            + " before their first difference; differences are marked.");
    for (DedupData.Cluster cluster : data.clusters()) {
      ReportData.DuplicatePair pair = cluster.pair();
      page.append(
          "<details class=\"card\"><summary><span class=\"q\">%s documents</span> <small class=\"note\">%s; similarity from %s</small></summary>"
              .formatted(
                  Html.count(cluster.size()),
                  Html.escape(sources(cluster.sources())),
                  Html.decimal(cluster.lowest(), 3)));
      int from = firstDifference(pair.survivorText(), pair.removedText());
      TokenDifference.Marked marked =
          TokenDifference.mark(
              tail(pair.survivorText(), from), tail(pair.removedText(), from), CLUSTER_TOKENS);
      page.append(
          "<p class=\"note\">%s, similarity %s.</p><div class=\"two\">"
              .formatted(
                  Html.escape(pair.reason().replace('_', ' ')),
                  Html.decimal(pair.similarity(), 3)));
      parts.text("kept", pair.survivorId(), marked.left());
      parts.text("removed", pair.removedId(), marked.right());
      page.append("</div></details>");
    }
  }

  private static String sources(Map<String, Long> sources) {
    String first =
        sources.entrySet().stream()
            .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
            .limit(5)
            .map(source -> source.getKey() + " " + Html.count(source.getValue()))
            .collect(Collectors.joining(", "));
    return sources.size() > 5
        ? first + " and %d more sources".formatted(sources.size() - 5)
        : first;
  }

  /** Where a look at two texts starts: a little before they differ, or 0 where they never do. */
  private static int firstDifference(String a, String b) {
    int shared = 0;
    int length = Math.min(a.length(), b.length());
    while (shared < length && a.charAt(shared) == b.charAt(shared)) {
      shared++;
    }
    boolean equal = shared == a.length() && shared == b.length();
    return equal || shared <= 2 * SHARED_BEFORE ? 0 : shared - SHARED_BEFORE;
  }

  private static String tail(String text, int from) {
    if (from == 0) {
      return text;
    }
    int start = Character.isLowSurrogate(text.charAt(from)) ? from - 1 : from;
    return "... " + text.substring(start);
  }
}
