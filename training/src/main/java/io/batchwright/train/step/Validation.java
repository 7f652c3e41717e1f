package io.batchwright.train.step;

import io.batchwright.data.batch.ShardReader;
import io.batchwright.data.batch.StepBatch;
import io.batchwright.train.collective.Collective;
import java.io.IOException;

/**
 * One pass over the validation batches: their loss, for a language model the perplexity too, and
 * retrieval among the first of their pairs, which are the same ones every time.
 *
 * @param maximumPairs pairs of the mini-corpus at most; 0 measures the loss only
 */
public record Validation(int maximumPairs) {
  private static final String QUERY = "query";
  private static final String POSITIVE = "positive";

  /**
   * Measures; all ranks have the same scores.
   *
   * @param reader at the first validation batch
   * @param samplesPerStep samples of each validation batch, of all ranks together
   */
  public ValidationScores of(
      ShardReader reader, int[] samplesPerStep, TrainStep step, Collective ranks)
      throws IOException {
    int total = 0;
    for (int samples : samplesPerStep) {
      total += samples;
    }
    int pairs = Math.min(maximumPairs, total);
    MiniRetrieval retrieval = pairs == 0 ? null : new MiniRetrieval(ranks, pairs, step.dims());
    double sum = 0;
    long counted = 0;
    int seen = 0;
    while (reader.hasNext()) {
      int samples = samplesPerStep[(int) reader.nextStep()];
      StepBatch batch = reader.next();
      TrainStep.Mean mean = step.lossOf(batch);
      sum += mean.counted() * mean.loss();
      counted += mean.counted();
      if (retrieval != null && seen < pairs) {
        retrieval.add(seen, batch, step.embed(batch, QUERY), step.embed(batch, POSITIVE));
      }
      seen += samples;
    }
    double loss = sum / counted;
    if (step.onTokens()) {
      return ValidationScores.ofTokens(loss);
    }
    return retrieval == null
        ? new ValidationScores(loss, Double.NaN, Double.NaN, Double.NaN)
        : retrieval.scores(loss);
  }
}
