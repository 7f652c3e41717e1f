package io.batchwright.jobs.model;

import io.batchwright.data.token.TextIds;
import io.batchwright.train.export.Encoder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Encodes the texts of one partition, a batch at a time: rows {@code text_id, kind, id, text} to
 * {@code text_id, kind, id, embedding, model_sha256}.
 */
record EncodeTexts(Broadcast<ShippedModel> model, int batch)
    implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    ShippedModel shipped = model.value();
    Encoder encoder = shipped.encoder();
    ArrayDeque<Row> ready = new ArrayDeque<>();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return !ready.isEmpty() || rows.hasNext();
      }

      @Override
      public Row next() {
        if (ready.isEmpty()) {
          fill();
        }
        return ready.remove();
      }

      private void fill() {
        List<Row> part = new ArrayList<>(batch);
        while (part.size() < batch && rows.hasNext()) {
          part.add(rows.next());
        }
        float[][] documents = encoder.encodeDocuments(texts(part, TextIds.DOCUMENT));
        float[][] queries = encoder.encodeQueries(texts(part, TextIds.QUERY));
        int d = 0;
        int q = 0;
        for (Row row : part) {
          boolean query = row.getString(1).equals(TextIds.QUERY);
          ready.add(
              RowFactory.create(
                  row.getLong(0),
                  row.getString(1),
                  row.getString(2),
                  query ? queries[q++] : documents[d++],
                  shipped.sha256()));
        }
      }
    };
  }

  private static List<String> texts(List<Row> rows, String kind) {
    return rows.stream()
        .filter(row -> row.getString(1).equals(kind))
        .map(row -> row.getString(3))
        .toList();
  }
}
