package io.batchwright.report;

import java.util.Locale;

/** Draws curves as an SVG element; points that are not finite leave a gap. */
public final class LineChart {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 260;
  private static final int LEFT = 56;
  private static final int RIGHT = 16;
  private static final int TOP = 26;
  private static final int BOTTOM = 42;

  private LineChart() {}

  /** An SVG element, and a legend below it where there are several curves. */
  public static String svg(ReportData.Chart chart) {
    double[] bounds = bounds(chart);
    if (bounds[0] > bounds[1]) {
      return "<p class=\"none\">no points</p>";
    }
    Axis x = Axis.covering(bounds[0], bounds[1], 6);
    Axis y = Axis.covering(bounds[2], bounds[3], 5);
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">"
            .formatted(WIDTH, HEIGHT, Html.escape(chart.title())));
    drawAxes(svg, chart, x, y);
    for (int i = 0; i < chart.series().size(); i++) {
      drawCurve(svg, chart.series().get(i), x, y, "c" + i % 4);
    }
    return svg.append("</svg>").append(legend(chart)).toString();
  }

  private static void drawAxes(StringBuilder svg, ReportData.Chart chart, Axis x, Axis y) {
    for (double tick : y.ticks()) {
      double at = vertical(y, tick);
      svg.append(
          "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%s\" y2=\"%s\"/>"
              .formatted(LEFT, WIDTH - RIGHT, pixel(at), pixel(at)));
      svg.append(
          "<text x=\"%d\" y=\"%s\" text-anchor=\"end\">%s</text>"
              .formatted(LEFT - 6, pixel(at + 4), Html.tick(tick)));
    }
    for (double tick : x.ticks()) {
      svg.append(
          "<text x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s</text>"
              .formatted(pixel(horizontal(x, tick)), HEIGHT - BOTTOM + 16, Html.tick(tick)));
    }
    svg.append(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" class=\"axis\">%s</text>"
            .formatted((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, Html.escape(chart.xLabel())));
    svg.append(
        "<text x=\"4\" y=\"10\" class=\"axis\">%s</text>".formatted(Html.escape(chart.yLabel())));
  }

  private static void drawCurve(
      StringBuilder svg, ReportData.Series series, Axis x, Axis y, String style) {
    StringBuilder path = new StringBuilder();
    boolean pen = false;
    int points = 0;
    double lastX = 0;
    double lastY = 0;
    for (int i = 0; i < series.y().length; i++) {
      if (!Double.isFinite(series.y()[i]) || !Double.isFinite(series.x()[i])) {
        pen = false;
        continue;
      }
      lastX = horizontal(x, series.x()[i]);
      lastY = vertical(y, series.y()[i]);
      path.append(pen ? 'L' : 'M').append(pixel(lastX)).append(' ').append(pixel(lastY));
      pen = true;
      points++;
    }
    svg.append("<path class=\"curve %s\" d=\"%s\"/>".formatted(style, path));
    if (points > 0 && points <= 40) {
      svg.append(
          "<circle class=\"dot %s\" cx=\"%s\" cy=\"%s\" r=\"3\"/>"
              .formatted(style, pixel(lastX), pixel(lastY)));
    }
  }

  private static String legend(ReportData.Chart chart) {
    if (chart.series().size() < 2) {
      return "";
    }
    StringBuilder legend = new StringBuilder("<p class=\"legend\">");
    for (int i = 0; i < chart.series().size(); i++) {
      legend.append(
          "<span class=\"key c%d\"></span>%s "
              .formatted(i % 4, Html.escape(chart.series().get(i).name())));
    }
    return legend.append("</p>").toString();
  }

  private static double[] bounds(ReportData.Chart chart) {
    double[] bounds = {
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY
    };
    for (ReportData.Series series : chart.series()) {
      for (int i = 0; i < series.y().length; i++) {
        if (Double.isFinite(series.y()[i]) && Double.isFinite(series.x()[i])) {
          bounds[0] = Math.min(bounds[0], series.x()[i]);
          bounds[1] = Math.max(bounds[1], series.x()[i]);
          bounds[2] = Math.min(bounds[2], series.y()[i]);
          bounds[3] = Math.max(bounds[3], series.y()[i]);
        }
      }
    }
    return bounds;
  }

  private static double horizontal(Axis x, double value) {
    return LEFT + x.share(value) * (WIDTH - LEFT - RIGHT);
  }

  private static double vertical(Axis y, double value) {
    return HEIGHT - BOTTOM - y.share(value) * (HEIGHT - TOP - BOTTOM);
  }

  static String pixel(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
