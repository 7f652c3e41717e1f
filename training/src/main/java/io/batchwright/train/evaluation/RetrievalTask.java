package io.batchwright.train.evaluation;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import net.openhft.hashing.LongHashFunction;

/**
 * Held-out queries against a corpus.
 *
 * @param documents ids of the whole deduplicated corpus
 * @param documentTexts what a system may read of each document
 * @param queries ids of the held-out queries
 * @param queryTexts what is asked, parallel to {@code queries}
 * @param groups the group (such as the class) of each query, which the bootstrap resamples
 * @param qrels judgements over these {@code queries} and {@code documents}
 */
public record RetrievalTask(
    Ids documents,
    List<String> documentTexts,
    Ids queries,
    List<String> queryTexts,
    List<String> groups,
    Qrels qrels) {
  public RetrievalTask {
    requireSize("document texts", documentTexts.size(), documents.size());
    requireSize("query texts", queryTexts.size(), queries.size());
    requireSize("groups", groups.size(), queries.size());
    requireSize("queries in qrels", qrels.queries().size(), queries.size());
  }

  /**
   * The same documents with at most {@code count} of the queries, chosen by hash of their ids and
   * kept in their order.
   */
  public RetrievalTask sample(int count) {
    if (count >= queries.size()) {
      return this;
    }
    LongHashFunction choice = LongHashFunction.xx3(0);
    int[] chosen =
        IntStream.range(0, queries.size())
            .boxed()
            .sorted(
                Comparator.<Integer>comparingLong(q -> choice.hashChars(queries.name(q)))
                    .thenComparing(Comparator.naturalOrder()))
            .limit(count)
            .mapToInt(Integer::intValue)
            .sorted()
            .toArray();
    return only(chosen);
  }

  /** The same documents with these of the queries, ordinals in ascending order. */
  public RetrievalTask only(int[] chosen) {
    Ids fewer = Ids.of(Arrays.stream(chosen).mapToObj(queries::name).toList());
    Qrels.Builder judged = Qrels.builder(fewer, documents);
    for (int q : chosen) {
      for (int document : qrels.judged(q)) {
        judged.add(queries.name(q), documents.name(document), qrels.relevance(q, document));
      }
    }
    return new RetrievalTask(
        documents,
        documentTexts,
        fewer,
        Arrays.stream(chosen).mapToObj(queryTexts::get).toList(),
        Arrays.stream(chosen).mapToObj(groups::get).toList(),
        judged.build());
  }

  private static void requireSize(String what, int got, int expected) {
    if (got != expected) {
      throw new IllegalArgumentException(
          "%d %s where %d are needed".formatted(got, what, expected));
    }
  }
}
