package io.batchwright.train.evaluation;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Judges every document relevant whose own description equals the query, after normalisation.
 *
 * <p>Many methods are documented by the same sentence. Counting only the one a query was taken from
 * would call correct answers wrong.
 */
public final class EqualDescriptions {
  private EqualDescriptions() {}

  /** NFC, lower case, every run of other than letters and digits as one space. */
  public static String normalize(String description) {
    return Normalizer.normalize(description, Normalizer.Form.NFC)
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N}]+", " ")
        .strip();
  }

  /**
   * Binary judgements.
   *
   * @param queryTexts parallel to {@code queries}
   * @param descriptions parallel to {@code documents}; {@code null} where a document has none
   */
  public static Qrels judge(
      Ids queries, List<String> queryTexts, Ids documents, List<String> descriptions) {
    Map<String, List<Integer>> described = new HashMap<>();
    for (int d = 0; d < documents.size(); d++) {
      if (descriptions.get(d) != null) {
        described.computeIfAbsent(normalize(descriptions.get(d)), text -> new ArrayList<>()).add(d);
      }
    }
    Qrels.Builder qrels = Qrels.builder(queries, documents);
    for (int q = 0; q < queries.size(); q++) {
      String text = normalize(queryTexts.get(q));
      for (int d : text.isEmpty() ? List.<Integer>of() : described.getOrDefault(text, List.of())) {
        qrels.add(queries.name(q), documents.name(d), 1);
      }
    }
    return qrels.build();
  }
}
