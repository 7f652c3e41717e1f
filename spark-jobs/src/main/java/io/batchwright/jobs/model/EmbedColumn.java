package io.batchwright.jobs.model;

import io.batchwright.data.RowBatches;
import io.batchwright.train.export.Encoder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Adds the embedding of a column of texts as the last column of each row; a null text has a null
 * embedding.
 *
 * @param model on every executor, opened once in each
 * @param text the place of the column of texts
 * @param query whether texts are queries, else documents: it chooses the prompt before them
 * @param vector whether embeddings are {@code ml.linalg.Vector}, else arrays of floats
 * @param batch texts that are encoded, and rows that are held, at once
 */
public record EmbedColumn(
    Broadcast<ShippedModel> model, int text, boolean query, boolean vector, int batch)
    implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    Encoder encoder = OpenModels.inTask(model.value());
    return new RowBatches(rows, batch, part -> embedded(part, encoder));
  }

  private List<Row> embedded(List<Row> rows, Encoder encoder) {
    List<String> texts =
        rows.stream().filter(row -> !row.isNullAt(text)).map(row -> row.getString(text)).toList();
    float[][] encoded = query ? encoder.encodeQueries(texts) : encoder.encodeDocuments(texts);
    List<Row> embedded = new ArrayList<>(rows.size());
    int next = 0;
    for (Row row : rows) {
      Object[] values = new Object[row.size() + 1];
      for (int i = 0; i < row.size(); i++) {
        values[i] = row.get(i);
      }
      values[row.size()] = row.isNullAt(text) ? null : column(encoded[next++]);
      embedded.add(RowFactory.create(values));
    }
    return embedded;
  }

  private Object column(float[] embedding) {
    if (!vector) {
      return embedding;
    }
    double[] values = new double[embedding.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = embedding[i];
    }
    return Vectors.dense(values);
  }
}
