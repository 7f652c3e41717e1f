package io.batchwright.train.export;

import io.batchwright.data.token.Tokenizer;
import io.batchwright.train.evaluation.RetrievalTask;
import io.batchwright.train.evaluation.TaskEmbedding;
import java.util.Arrays;
import java.util.List;

/**
 * A retrieval task whose texts are tokenized once, for several models that share a tokenizer.
 *
 * <p>Tokenizing takes longer than encoding with a static embedding.
 *
 * @param queries token ids of each query
 * @param documents token ids of each document
 */
public record TokenizedTask(int[][] queries, int[][] documents) {
  private static final int BATCH = 4096;

  /** Tokenizes all texts of {@code task}. */
  public static TokenizedTask of(RetrievalTask task, Tokenizer tokenizer) {
    return new TokenizedTask(
        tokens(tokenizer, task.queryTexts()), tokens(tokenizer, task.documentTexts()));
  }

  private static int[][] tokens(Tokenizer tokenizer, List<String> texts) {
    int[][] tokens = new int[texts.size()][];
    for (int from = 0; from < tokens.length; from += BATCH) {
      int to = Math.min(from + BATCH, tokens.length);
      int[][] part = tokenizer.encode(texts.subList(from, to));
      System.arraycopy(part, 0, tokens, from, part.length);
    }
    return tokens;
  }

  /** The task as {@code encoder} sees it. */
  public TaskEmbedding embedded(StaticEncoder encoder) {
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
