/**
 * The report of a run: one self-contained HTML file, with inline SVG and without a network.
 *
 * <p>Reading order: {@link io.batchwright.report.ReportData} (what a report says), {@link
 * io.batchwright.report.ReportPage} (how the page is laid out), {@link
 * io.batchwright.report.LineChart}, {@link io.batchwright.report.BarChart}, {@link
 * io.batchwright.report.TokenDifference}, {@link io.batchwright.report.Html}.
 *
 * <p>The page shows only what it is given: a section whose data is absent says why, and none
 * invents a figure.
 */
package io.batchwright.report;
