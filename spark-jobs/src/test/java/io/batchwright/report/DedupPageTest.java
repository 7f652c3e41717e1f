package io.batchwright.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class DedupPageTest {
  private static final DedupData.Amount TEN = new DedupData.Amount(10, 1000, 200);
  private static final DedupData.Amount TWO = new DedupData.Amount(2, 150, 30);

  @Test
  void eachUnitHasItsFunnelBySourceAndCause() {
    String page = DedupPage.render(data("left text", "right text"));
    assertThat(page)
        .contains("in documents", "in bytes of UTF-8", "in words")
        .contains("near duplicate", "2 (20.0 %)", "150 (15.0 %)", "30 (15.0 %)")
        .contains("aria-label=\"80.0 % kept\"", "aria-label=\"85.0 % kept\"");
  }

  @Test
  void differencesAreMarkedFromShortlyBeforeTheFirstOne() {
    String shared = "the same words again and again ".repeat(40);
    String page = DedupPage.render(data(shared + "amber end", shared + "basil end"));
    assertThat(page).contains("<mark>amber</mark>", "<mark>basil</mark>", "<pre>... ");
    assertThat(Pattern.compile("the same words").matcher(page).results().count()).isLessThan(20);
  }

  @Test
  void textOfTheCorpusCannotBecomeMarkupAndEveryElementIsClosed() {
    String page = DedupPage.render(data("<script>x</script>", "<b>y</b>"));
    assertThat(page).doesNotContain("<script", "<b>y</b>").contains("&lt;<mark>script</mark>&gt;");
    assertThat(page).doesNotContain("http://", "https://");
    for (String tag : List.of("div", "table", "tr", "td", "pre", "svg", "details", "summary")) {
      assertThat(page.split("<" + tag + "[ >]", -1))
          .as(tag)
          .hasSameSizeAs(page.split("</" + tag + ">", -1));
    }
  }

  private static DedupData data(String survivor, String removed) {
    ReportData full = ReportPageTest.full();
    return new DedupData(
        "dedup",
        "Removed 20 %.",
        full.provenance(),
        full.tiles(),
        full.funnel(),
        List.of(new DedupData.SourceFunnel("crawl", TEN, Map.of("near_duplicate", TWO))),
        List.of(new DedupData.SizeClass("2", 1, 1), new DedupData.SizeClass("3", 0, 0)),
        List.of(
            new DedupData.Cluster(
                3,
                Map.of("crawl", 3L),
                0.9,
                new ReportData.DuplicatePair("a", survivor, "b", removed, 0.9, "near_duplicate"))),
        new DedupData.Overlap(List.of("crawl"), new long[] {10}, new long[][] {{3}}),
        List.of(),
        full.config(),
        full.rerun(),
        full.limits());
  }
}
