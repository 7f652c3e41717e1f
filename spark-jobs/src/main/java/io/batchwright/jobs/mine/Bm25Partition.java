package io.batchwright.jobs.mine;

import io.batchwright.train.evaluation.Bm25Index;
import io.batchwright.train.evaluation.Bm25Statistics;
import io.batchwright.train.evaluation.Ids;
import io.batchwright.train.evaluation.Rankings;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Scores the documents of one partition: rows {@code doc_id, text} by id, with {@code query_ids}
 * where pairs are asked for, to {@code query_id, doc_id, score}.
 *
 * @param shared what all partitions know
 * @param k documents of each query, or {@link #ASKED}
 */
record Bm25Partition(Broadcast<Shared> shared, int k) implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  /** In place of a number of documents: the pairs of the third column. */
  static final int ASKED = 0;

  /** What all partitions know: settings, term weights, and the queries by id. */
  record Shared(Bm25Recipe recipe, Bm25Statistics statistics, String[] ids, String[] texts)
      implements Serializable {}

  @Override
  public Iterator<Row> call(Iterator<Row> rows) throws IOException {
    List<String> ids = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    List<List<String>> asked = new ArrayList<>();
    while (rows.hasNext()) {
      Row row = rows.next();
      ids.add(row.getString(0));
      texts.add(row.getString(1));
      if (k == ASKED) {
        asked.add(row.getList(2));
      }
    }
    Shared all = shared.value();
    Ids queries = Ids.of(Arrays.asList(all.ids));
    try (Bm25Index index = Bm25Index.build(Ids.of(ids), texts, all.recipe.analysis())) {
      Bm25Index.PreparedQueries prepared = index.prepare(queries, Arrays.asList(all.texts));
      return k == ASKED
          ? pairs(index, prepared, documentsOf(queries, asked))
          : nearest(index.search(prepared, k, all.recipe.parameters(), all.statistics, 1));
    }
  }

  private static Iterator<Row> nearest(Rankings found) {
    List<Row> rows = new ArrayList<>();
    for (int q = 0; q < found.queries().size(); q++) {
      for (int rank = 0; rank < found.length(q); rank++) {
        rows.add(
            RowFactory.create(
                found.queries().name(q),
                found.documents().name(found.document(q, rank)),
                found.score(q, rank)));
      }
    }
    return rows.iterator();
  }

  /** Of each query, the documents asked for, ascending. */
  private static int[][] documentsOf(Ids queries, List<List<String>> asked) {
    List<List<Integer>> documents = new ArrayList<>();
    for (int q = 0; q < queries.size(); q++) {
      documents.add(new ArrayList<>());
    }
    for (int document = 0; document < asked.size(); document++) {
      for (String query : asked.get(document)) {
        int q = queries.ordinal(query);
        if (q >= 0) {
          documents.get(q).add(document);
        }
      }
    }
    return documents.stream()
        .map(list -> list.stream().mapToInt(Integer::intValue).toArray())
        .toArray(int[][]::new);
  }

  private Iterator<Row> pairs(Bm25Index index, Bm25Index.PreparedQueries queries, int[][] documents)
      throws IOException {
    Shared all = shared.value();
    float[][] scores = index.scores(queries, documents, all.recipe.parameters(), all.statistics);
    List<Row> rows = new ArrayList<>();
    for (int q = 0; q < documents.length; q++) {
      for (int i = 0; i < documents[q].length; i++) {
        rows.add(
            RowFactory.create(
                queries.ids().name(q), index.documents().name(documents[q][i]), scores[q][i]));
      }
    }
    return rows.iterator();
  }
}
