package io.batchwright.train.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Our BM25 against figures of another implementation (k1 0.9, b 0.4, Porter, Lucene's stop words).
 *
 * <p>The tolerance of 0.005 allows for what differs: Lucene keeps document lengths in one byte, and
 * tokenizers split numbers and hyphens differently. Reproductions of BM25 by different systems on
 * these collections commonly lie within it.
 */
class Bm25CollectionsTest {
  private static final double TOLERANCE = 0.005;

  @Test
  void cranfieldReachesItsKnownFigures() throws IOException {
    MetricTable table = measure("cranfield", "test");
    assertThat(table.mean(new Ndcg(10))).isCloseTo(0.3566, within(TOLERANCE));
    assertThat(table.mean(new RecallAtK(100))).isCloseTo(0.7177, within(2 * TOLERANCE));
  }

  @Test
  void nfcorpusReachesItsKnownFigures() throws IOException {
    MetricTable table = measure("nfcorpus", "dev");
    assertThat(table.mean(new Ndcg(10))).isCloseTo(0.2876, within(TOLERANCE));
    assertThat(table.mean(new RecallAtK(100))).isCloseTo(0.2258, within(2 * TOLERANCE));
  }

  private static MetricTable measure(String collection, String split) throws IOException {
    Optional<Path> folder = BeirFolder.find(collection);
    assumeTrue(folder.isPresent(), collection + " is not on this machine");
    RetrievalTask task = BeirFolder.read(folder.get(), split).task();
    try (Bm25Index index =
        Bm25Index.build(task.documents(), task.documentTexts(), TextAnalysis.PROSE)) {
      Rankings found =
          index.search(
              index.prepare(task.queries(), task.queryTexts()),
              100,
              new Bm25(0.9, 0.4),
              index.statistics(),
              2);
      MetricTable table =
          new Evaluator(List.of(new Ndcg(10), new RecallAtK(100))).evaluate(found, task.qrels());
      System.out.printf(
          "BM25 on %s: nDCG@10 %.4f, Recall@100 %.4f%n",
          collection, table.mean(new Ndcg(10)), table.mean(new RecallAtK(100)));
      return table;
    }
  }
}
