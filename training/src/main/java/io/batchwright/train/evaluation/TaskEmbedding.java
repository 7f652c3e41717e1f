package io.batchwright.train.evaluation;

import io.batchwright.data.negative.TextEncoder;

/** The vectors of one task's texts, made when they are asked for. */
public interface TaskEmbedding {
  /** The vectors of all queries. */
  float[][] queries();

  /** The vectors of the documents from ordinal {@code from} up to {@code to}, exclusive. */
  float[][] documents(int from, int to);

  /** Vectors by any encoder. */
  static TaskEmbedding of(RetrievalTask task, TextEncoder encoder) {
    return new TaskEmbedding() {
      @Override
      public float[][] queries() {
        return encoder.encode(task.queryTexts());
      }

      @Override
      public float[][] documents(int from, int to) {
        return encoder.encode(task.documentTexts().subList(from, to));
      }
    };
  }
}
