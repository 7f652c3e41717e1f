package io.batchwright.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReportPageTest {
  @Test
  void thePageNeedsNoNetwork() {
    String page = ReportPage.render(full());
    assertThat(page).doesNotContain("http://").doesNotContain("https://").doesNotContain("<script");
    assertThat(page).contains("<svg").contains("name=\"viewport\"");
  }

  @Test
  void everyOpenedElementIsClosed() {
    String page = ReportPage.render(full());
    for (String tag : List.of("div", "table", "tr", "td", "pre", "ul", "svg", "details", "code")) {
      assertThat(count(page, "<" + tag + "[ >]")).as(tag).isEqualTo(count(page, "</" + tag + ">"));
    }
  }

  @Test
  void textOfTheCorpusCannotBecomeMarkup() {
    String page = ReportPage.render(full());
    assertThat(page).doesNotContain("<b>bold</b>").contains("&lt;b&gt;bold&lt;/b&gt;");
  }

  @Test
  void theFirstScreenSaysVerdictTilesAndProvenance() {
    String page = ReportPage.render(full());
    assertThat(page.indexOf("Loss: BM25 ranks better")).isPositive();
    assertThat(page.indexOf("Loss: BM25 ranks better")).isLessThan(page.indexOf("ledger balanced"));
    assertThat(page).contains("Seed 17, commit abc1234");
  }

  @Test
  void absentPartsAreSaidNotInvented() {
    ReportData full = full();
    String page =
        ReportPage.render(
            new ReportData(
                "pipeline",
                "Prepared.",
                full.provenance(),
                full.tiles(),
                full.funnel(),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of("bin/batchwright quickstart"),
                List.of()));
    assertThat(page)
        .contains("No near-duplicate pair was found.")
        .contains("No search was evaluated.");
    assertThat(page).doesNotContain("<svg");
  }

  @Test
  void anUnbalancedLedgerStandsOut() {
    ReportData.FunnelStage stage =
        new ReportData.FunnelStage("filter", 10, 8, 0, Map.of("too_short", 1L), Map.of(), 1, false);
    ReportData full = full();
    String page =
        ReportPage.render(
            new ReportData(
                "x",
                "y",
                full.provenance(),
                List.of(),
                List.of(stage),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of()));
    assertThat(page).contains("NOT BALANCED").contains("1 too short");
  }

  static ReportData full() {
    double[] steps = {1, 2, 3, 4};
    ReportData.Hit right = new ReportData.Hit("a:B#c()", "void c() { <b>bold</b> }", 0.91, true);
    ReportData.Hit wrong = new ReportData.Hit("a:B#d()", "void d() {}", 0.42, false);
    return new ReportData(
        "quickstart",
        "Loss: BM25 ranks better than the model by 0.0312 nDCG@10.",
        new ReportData.Provenance(
            "75,000 methods of 20 libraries",
            17,
            "abc1234",
            "2 cores",
            "2026-11-24T22:00:00Z",
            245),
        List.of(
            new ReportData.Tile("rows kept", "65,126", "of 75,000", true),
            new ReportData.Tile("ledger", "ledger balanced", "7 stages", true)),
        List.of(
            new ReportData.FunnelStage(
                "duplicates",
                75_000,
                65_126,
                0,
                Map.of("near_duplicate", 9_874L),
                Map.of(),
                12,
                true)),
        Optional.of(
            new ReportData.DuplicatePair(
                "a", "int a = 1;", "b", "int b = 1;", 0.94, "near_duplicate")),
        List.of(
            new ReportData.SearchExample(
                true, "reverse an array", "a:B#c()", List.of(right, wrong), List.of(wrong))),
        List.of(
            ReportData.Chart.lines(
                "Loss",
                "step",
                "nats",
                List.of(
                    ReportData.Series.curve("train", steps, new double[] {6, 4, 3, 2.5}),
                    ReportData.Series.curve(
                        "validation", steps, new double[] {6, 5, Double.NaN, 3})),
                ""),
            ReportData.Chart.bars(
                "Lengths",
                "tokens",
                "samples",
                ReportData.Series.bars(List.of("0-32", "32-64"), new double[] {10, 20}),
                "")),
        List.of(
            new ReportData.ScoreTable(
                "Held-out libraries",
                List.of("nDCG@10"),
                List.of(
                    new ReportData.ScoreRow(
                        "model", List.of(new ReportData.Score(0.41, 0.40, 0.42)))),
                "")),
        List.of(new ReportData.RankTime(0, 10, 1, 0.5), new ReportData.RankTime(1, 10, 2, 0.5)),
        List.of("No GPU was found."),
        List.of(new ReportData.Setting("seed", "17", "conf/quickstart.yaml:3")),
        List.of("bin/batchwright quickstart"),
        List.of("One language."));
  }

  private static int count(String page, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(page);
    int found = 0;
    while (matcher.find()) {
      found++;
    }
    return found;
  }
}
