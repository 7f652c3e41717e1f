package io.batchwright.data.token;

import java.io.Serializable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** A way to learn a vocabulary from texts. */
public sealed interface TokenizerTrainer extends Serializable
    permits WordPiece, ByteLevelBpe, CustomTokenizerTrainer {

  /**
   * Learns from the column {@code text}; the same texts give the same bytes, in any order and
   * partitioning.
   *
   * @param texts training texts only: held-out ones would leak into the vocabulary
   */
  TrainedTokenizer train(Dataset<Row> texts);
}
