package io.batchwright.train.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Relevance judgements: for each query the judged documents and their relevance.
 *
 * <p>A document without a judgement counts as not relevant, and so does one judged zero or below.
 */
public final class Qrels {
  private final Ids queries;
  private final Ids documents;
  private final int[][] judged;
  private final int[][] relevance;

  private Qrels(Ids queries, Ids documents, int[][] judged, int[][] relevance) {
    this.queries = queries;
    this.documents = documents;
    this.judged = judged;
    this.relevance = relevance;
  }

  /** Judgements about these queries and documents; adding others fails. */
  public static Builder builder(Ids queries, Ids documents) {
    return new Builder(queries, documents);
  }

  /** Judgements whose queries and documents are numbered as they come. */
  public static Builder builder() {
    return new Builder(null, null);
  }

  public Ids queries() {
    return queries;
  }

  public Ids documents() {
    return documents;
  }

  /** The judged documents of a query, ascending. */
  public int[] judged(int query) {
    return judged[query].clone();
  }

  /** The relevance of a document for a query; zero where there is no judgement. */
  public int relevance(int query, int document) {
    int found = Arrays.binarySearch(judged[query], document);
    return found < 0 ? 0 : relevance[query][found];
  }

  /** The positive relevances of a query, greatest first: the gains of a perfect ranking. */
  public int[] idealGains(int query) {
    int[] gains = Arrays.stream(relevance[query]).filter(r -> r > 0).sorted().toArray();
    for (int i = 0; i < gains.length / 2; i++) {
      int swapped = gains[i];
      gains[i] = gains[gains.length - 1 - i];
      gains[gains.length - 1 - i] = swapped;
    }
    return gains;
  }

  /** How many documents are relevant for a query. */
  public int relevant(int query) {
    return (int) Arrays.stream(relevance[query]).filter(r -> r > 0).count();
  }

  /** How many judgements there are over all queries. */
  public long size() {
    return Arrays.stream(judged).mapToLong(row -> row.length).sum();
  }

  /** Collects judgements. A pair judged twice keeps its greater relevance. */
  public static final class Builder {
    private final Ids fixedQueries;
    private final Ids fixedDocuments;
    private final Map<String, Map<String, Integer>> rows = new LinkedHashMap<>();

    private Builder(Ids queries, Ids documents) {
      this.fixedQueries = queries;
      this.fixedDocuments = documents;
    }

    /**
     * Adds one judgement.
     *
     * @throws IllegalArgumentException if the query or document is not among those given
     */
    public Builder add(String query, String document, int relevance) {
      requireKnown("query", fixedQueries, query);
      requireKnown("document", fixedDocuments, document);
      rows.computeIfAbsent(query, q -> new LinkedHashMap<>()).merge(document, relevance, Math::max);
      return this;
    }

    private static void requireKnown(String kind, Ids ids, String name) {
      if (ids != null && ids.ordinal(name) < 0) {
        throw new IllegalArgumentException("qrels name an unknown " + kind + ": " + name);
      }
    }

    public Qrels build() {
      Ids queries = fixedQueries != null ? fixedQueries : Ids.of(new ArrayList<>(rows.keySet()));
      Ids documents = fixedDocuments != null ? fixedDocuments : Ids.of(documentNames());
      int[][] judged = new int[queries.size()][];
      int[][] relevance = new int[queries.size()][];
      for (int q = 0; q < judged.length; q++) {
        Map<Integer, Integer> sorted = new TreeMap<>();
        rows.getOrDefault(queries.name(q), Map.of())
            .forEach((document, value) -> sorted.put(documents.ordinal(document), value));
        judged[q] = sorted.keySet().stream().mapToInt(Integer::intValue).toArray();
        relevance[q] = sorted.values().stream().mapToInt(Integer::intValue).toArray();
      }
      return new Qrels(queries, documents, judged, relevance);
    }

    private List<String> documentNames() {
      return rows.values().stream().flatMap(row -> row.keySet().stream()).distinct().toList();
    }
  }
}
