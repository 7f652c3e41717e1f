package io.batchwright.jobs.model;

import io.batchwright.jobs.corpus.CorpusTexts;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.train.evaluation.DenseSearch;
import io.batchwright.train.evaluation.Ids;
import io.batchwright.train.evaluation.Rankings;
import io.batchwright.train.export.StaticEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Exact search of one query over texts in memory; nothing is kept between searches. */
public final class TextSearch {
  private TextSearch() {}

  /** One document found. */
  public record Hit(double score, String docId, String text) {}

  /** The best {@code top} documents of {@code corpus}, best first. */
  public static List<Hit> best(StaticEncoder encoder, CorpusTexts corpus, String query, int top) {
    // A matrix of one query needs no native library, which would take longer to load.
    try (Backend backend = Backends.select("java")) {
      Rankings found =
          DenseSearch.DEFAULTS.search(
              backend,
              Ids.of(List.of("query")),
              encoder.encodeQueries(List.of(query)),
              Ids.of(IntStream.range(0, corpus.ids().size()).mapToObj(Integer::toString).toList()),
              (from, to) -> encoder.encodeDocuments(corpus.texts().subList(from, to)),
              top);
      List<Hit> hits = new ArrayList<>();
      for (int rank = 0; rank < found.length(0); rank++) {
        int document = found.document(0, rank);
        hits.add(
            new Hit(
                found.score(0, rank), corpus.ids().get(document), corpus.texts().get(document)));
      }
      return hits;
    }
  }
}
