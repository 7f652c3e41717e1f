package io.batchwright.report;

/** Draws labelled horizontal bars, which stay readable on a phone whatever their number. */
final class BarChart {
  private BarChart() {}

  static String html(ReportData.Chart chart) {
    ReportData.Series series = chart.series().get(0);
    double largest = 0;
    for (double value : series.y()) {
      largest = Math.max(largest, value);
    }
    if (largest <= 0) {
      return "<p class=\"none\">no values</p>";
    }
    StringBuilder bars = new StringBuilder("<div class=\"bars\" role=\"img\" aria-label=\"");
    bars.append(Html.escape(chart.title())).append("\">");
    for (int i = 0; i < series.y().length; i++) {
      bars.append(
          "<div><span class=\"name\">%s</span><span class=\"track\"><i style=\"width:%s%%\"></i></span><b>%s</b></div>"
              .formatted(
                  Html.escape(series.labels().get(i)),
                  LineChart.pixel(100 * series.y()[i] / largest),
                  Html.tick(series.y()[i])));
    }
    bars.append("</div>");
    return bars.toString();
  }
}
