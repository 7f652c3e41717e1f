package io.batchwright.train.export;

import io.batchwright.train.evaluation.RetrievalTask;
import io.batchwright.train.evaluation.TaskEmbedding;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A retrieval task whose texts are tokenized once, for several models that share a tokenizer and
 * see texts alike.
 *
 * <p>Tokenizing takes longer than encoding with a static embedding.
 *
 * @param queries token ids of each query
 * @param documents token ids of each document
 */
public record TokenizedTask(int[][] queries, int[][] documents) {
  private static final int BATCH = 4096;

  /** Tokenizes all texts of {@code task} as {@code encoder} sees them. */
  public static TokenizedTask of(RetrievalTask task, Encoder encoder) {
    return new TokenizedTask(
        tokens(encoder::queryTokens, task.queryTexts()),
        tokens(encoder::documentTokens, task.documentTexts()));
  }

  private static int[][] tokens(Function<List<String>, int[][]> tokenizer, List<String> texts) {
    int[][] tokens = new int[texts.size()][];
    for (int from = 0; from < tokens.length; from += BATCH) {
      int to = Math.min(from + BATCH, tokens.length);
      int[][] part = tokenizer.apply(texts.subList(from, to));
      System.arraycopy(part, 0, tokens, from, part.length);
    }
    return tokens;
  }

  /** The task as {@code encoder} sees it. */
  public TaskEmbedding embedded(Encoder encoder) {
    return new TaskEmbedding() {
      @Override
      public float[][] queries() {
        return encoder.encodeTokens(queries);
      }

      @Override
      public float[][] documents(int from, int to) {
        return encoder.encodeTokens(Arrays.copyOfRange(documents, from, to));
      }
    };
  }
}
