package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** mined.md: the figures, the margins, and random rows for people to read before they train. */
record MinedPage(
    MinedFigures figures,
    Optional<String> warning,
    SortedMap<String, Long> dropped,
    MineRecipe recipe) {
  private static final int BAR = 40;
  private static final int EXCERPT = 300;

  /**
   * The page.
   *
   * @param clusters its section on {@link MinedClusters}
   */
  String text(Dataset<Row> pairs, Dataset<Row> decided, String clusters) {
    StringBuilder page = new StringBuilder("# Mined negatives\n\n");
    page.append(
        """
        Shares are of the candidates that were looked at and are not known to answer.

        | figure | value |
        |---|---|
        """);
    line(page, "score above 95 % of the positive: likely unlabelled answers", figures.closeShare());
    line(page, "a guide likes more than the positive", figures.guideShare());
    line(page, "have the text of an answer", figures.copyShare());
    line(page, "queries with all negatives asked for", figures.complete());
    page.append(
        String.format(Locale.ROOT, "| mean margin of negatives | %.4f |%n", figures.meanMargin()));
    line(
        page,
        "other pairs' positives among the %d best of a query: in-batch hardness of random batches"
            .formatted(figures.hardness().depth()),
        figures.hardness().share());
    warning.ifPresent(said -> page.append("\n**Careful:** ").append(said).append(".\n"));
    page.append("\n## Why candidates are no negatives\n\n| reason | candidates |\n|---|---|\n");
    dropped.forEach(
        (reason, count) ->
            page.append(String.format(Locale.ROOT, "| %s | %,d |%n", reason, count)));
    histogram(page, "Margins of all candidates looked at", figures.candidateMargins());
    histogram(page, "Margins of negatives", figures.negativeMargins());
    balance(page, figures.balance(), !Double.isNaN(figures.guideShare()));
    page.append(clusters);
    examples(page, pairs, decided);
    return page.toString();
  }

  private static void line(StringBuilder page, String name, double share) {
    page.append(
        Double.isNaN(share)
            ? "| " + name + " | not measured |\n"
            : String.format(Locale.ROOT, "| %s | %.2f %% |%n", name, 100 * share));
  }

  /** The score of the query's worst positive minus the candidate's. */
  private static void histogram(StringBuilder page, String title, long[] counts) {
    long most = 1;
    for (long count : counts) {
      most = Math.max(most, count);
    }
    page.append("\n## ").append(title).append("\n\n```\n");
    for (int bin = 0; bin < counts.length; bin++) {
      double from = -1 + bin * 2.0 / MinedFigures.BINS;
      page.append(
          String.format(
              Locale.ROOT,
              "%5.1f  %-" + BAR + "s %,d%n",
              from,
              "#".repeat((int) (counts[bin] * BAR / most)),
              counts[bin]));
    }
    page.append("```\n");
  }

  private static void balance(StringBuilder page, MarginBalance balance, boolean guided) {
    page.append("\n## Margins that training would see\n\nBy the ")
        .append(guided ? "guide" : "miner")
        .append(
            """
            's scores. Before: each negative of a query is as likely as another. After: as TasBalanced
            draws them, each of a query's margin bins that holds one is as likely as another.

            | margin from | before | after |
            |---|---|---|
            """);
    for (int bin = 0; bin < MarginBalance.BINS; bin++) {
      double width = (balance.largest() - balance.smallest()) / MarginBalance.BINS;
      page.append(
          String.format(
              Locale.ROOT,
              "| %.4f | %.2f %% | %.2f %% |%n",
              balance.smallest() + bin * width,
              100 * balance.before()[bin],
              100 * balance.after()[bin]));
    }
  }

  private void examples(StringBuilder page, Dataset<Row> pairs, Dataset<Row> decided) {
    List<Row> chosen =
        pairs
            .orderBy(xxhash64(lit(recipe.seed()), col("query_id")), col("query_id"))
            .limit(recipe.examples())
            .collectAsList();
    Map<List<String>, Row> verdicts = verdicts(chosen, decided);
    page.append("\n## ").append(chosen.size()).append(" rows to read\n");
    for (Row row : chosen) {
      String query = row.getString(0);
      page.append("\n**")
          .append(excerpt(row.getString(1)))
          .append("** (")
          .append(query)
          .append(")\n\n");
      for (Row positive : row.<Row>getList(2)) {
        append(page, "answer", positive, "");
      }
      for (Row negative : row.<Row>getList(3)) {
        Row verdict = verdicts.get(List.of(query, negative.getString(0)));
        append(page, "negative", negative, verdict(verdict));
      }
    }
  }

  private static Map<List<String>, Row> verdicts(List<Row> chosen, Dataset<Row> decided) {
    Object[] queries = chosen.stream().map(row -> row.getString(0)).toArray();
    Map<List<String>, Row> verdicts = new HashMap<>();
    decided
        .where(col("query_id").isin(queries))
        .where(col("reason").isNull())
        .select("query_id", "doc_id", "guide_score", "guide_positive_score")
        .collectAsList()
        .forEach(row -> verdicts.put(List.of(row.getString(0), row.getString(1)), row));
    return verdicts;
  }

  private static String verdict(Row row) {
    if (row == null || row.isNullAt(2) || row.isNullAt(3)) {
      return "";
    }
    return String.format(
        Locale.ROOT,
        ", guide %.3f against %.3f of the answer%s",
        row.getFloat(2),
        row.getFloat(3),
        row.getFloat(2) > row.getFloat(3) ? ": disagrees" : "");
  }

  private static void append(StringBuilder page, String kind, Row document, String verdict) {
    page.append(
        String.format(
            Locale.ROOT,
            "- %s %.3f%s (%s): %s%n",
            kind,
            document.getFloat(2),
            verdict,
            document.getString(0),
            excerpt(document.getString(1))));
  }

  private static String excerpt(String text) {
    String line = text.replaceAll("\\s+", " ").strip();
    return line.length() <= EXCERPT ? line : line.substring(0, EXCERPT) + " ...";
  }
}
