package io.batchwright.jobs.model;

import io.batchwright.data.RowBatches;
import io.batchwright.data.token.TextIds;
import io.batchwright.train.export.Encoder;
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
    Encoder encoder = OpenModels.inTask(shipped);
    return new RowBatches(rows, batch, part -> encoded(part, encoder, shipped.sha256()));
  }

  private static List<Row> encoded(List<Row> part, Encoder encoder, String sha256) {
    float[][] documents = encoder.encodeDocuments(texts(part, TextIds.DOCUMENT));
    float[][] queries = encoder.encodeQueries(texts(part, TextIds.QUERY));
    List<Row> encoded = new ArrayList<>(part.size());
    int d = 0;
    int q = 0;
    for (Row row : part) {
      boolean query = row.getString(1).equals(TextIds.QUERY);
      encoded.add(
          RowFactory.create(
              row.getLong(0),
              row.getString(1),
              row.getString(2),
              query ? queries[q++] : documents[d++],
              sha256));
    }
    return encoded;
  }

  private static List<String> texts(List<Row> rows, String kind) {
    return rows.stream()
        .filter(row -> row.getString(1).equals(kind))
        .map(row -> row.getString(3))
        .toList();
  }
}
