package io.batchwright.jobs.model;

import io.batchwright.jobs.corpus.CorpusTexts;
import io.batchwright.jobs.corpus.RunTokens;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.train.evaluation.DenseSearch;
import io.batchwright.train.evaluation.Ids;
import io.batchwright.train.evaluation.Rankings;
import io.batchwright.train.export.Encoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/** Exact search of one query over texts in memory; nothing is kept between searches. */
public final class TextSearch {
  private TextSearch() {}

  /** One document found. */
  public record Hit(double score, String docId, String text) {}

  /**
   * The best {@code top} documents of {@code corpus}, best first.
   *
   * @param tokens of documents of {@code corpus}; not used where another tokenizer made them, or
   *     the model puts a prompt before documents
   */
  public static List<Hit> best(
      Encoder encoder, CorpusTexts corpus, RunTokens tokens, String query, int top) {
    // A matrix of one query needs no native library, which would take longer to load.
    try (Backend backend = Backends.select("java")) {
      Rankings found =
          DenseSearch.DEFAULTS.search(
              backend,
              Ids.of(List.of("query")),
              encoder.encodeQueries(List.of(query)),
              Ids.of(IntStream.range(0, corpus.ids().size()).mapToObj(Integer::toString).toList()),
              (from, to) -> vectors(encoder, corpus, known(encoder, tokens), from, to),
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

  private static RunTokens known(Encoder encoder, RunTokens tokens) {
    boolean prompted =
        encoder.prompts().getOrDefault("document", "").length()
                + encoder.prompts().getOrDefault("passage", "").length()
            > 0;
    boolean own = tokens.tokenizerSha256().equals(encoder.tokenizerSha256());
    return own && !prompted ? tokens : RunTokens.NONE;
  }

  private static float[][] vectors(
      Encoder encoder, CorpusTexts corpus, RunTokens tokens, int from, int to) {
    int[][] ids = new int[to - from][];
    List<String> unknown = new ArrayList<>();
    for (int i = from; i < to; i++) {
      ids[i - from] = tokens.byDocument().get(corpus.ids().get(i));
      if (ids[i - from] == null) {
        unknown.add(corpus.texts().get(i));
      }
    }
    Iterator<float[]> encoded = Arrays.asList(encoder.encodeDocuments(unknown)).iterator();
    float[][] vectors = new float[ids.length][];
    for (int i = 0; i < ids.length; i++) {
      vectors[i] = ids[i] == null ? encoded.next() : encoder.encodeTokens(new int[][] {ids[i]})[0];
    }
    return vectors;
  }
}
