package io.batchwright.jobs.model;

import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import scala.reflect.ClassTag$;

/** A model sent to executors to encode tables of texts; closing it takes it back. */
public final class EncodedTexts implements AutoCloseable {
  private final Broadcast<ShippedModel> shipped;

  /** Sends {@code model}. */
  public EncodedTexts(SparkSession spark, ShippedModel model) {
    this.shipped =
        spark.sparkContext().broadcast(model, ClassTag$.MODULE$.apply(ShippedModel.class));
  }

  /**
   * The vectors of texts; they must be computed before this is closed.
   *
   * @param texts {@code text_id, kind, id, text}
   * @param batch texts that a task encodes at once
   * @return {@code text_id, kind, id, embedding, model_sha256}
   */
  public Dataset<Row> of(Dataset<Row> texts, int batch) {
    return texts.mapPartitions(
        new EncodeTexts(shipped, batch), Encoders.row(EncodeStage.EMBEDDINGS));
  }

  @Override
  public void close() {
    shipped.destroy();
  }
}
