package io.batchwright.jobs.bench.engine;

import io.batchwright.tensor.RandomStream;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A training step: forward, loss, backward, clipping, AdamW.
 *
 * @param vocabulary rows of the token table
 * @param dims width D
 * @param layers of the transformer; 0 for the mean of token vectors
 * @param heads of each layer
 * @param feedForward inner width of each layer
 * @param pairs queries of a step, with as many positives
 * @param length tokens of every text
 */
public record StepShape(
    int vocabulary, int dims, int layers, int heads, int feedForward, int pairs, int length) {
  /** The static dual encoder of the main job. */
  static final StepShape STATIC = new StepShape(30_522, 512, 0, 0, 0, 2048, 64);

  /** MiniLM-L6. */
  public static final StepShape MINILM = new StepShape(30_522, 384, 6, 12, 1536, 16, 128);

  /** BERT-base. */
  public static final StepShape BERT_BASE = new StepShape(30_522, 768, 12, 12, 3072, 16, 128);

  /** Four layers, 256 wide. */
  public static final StepShape SMALL = new StepShape(30_522, 256, 4, 4, 1024, 64, 64);

  /** Another number of pairs. */
  public StepShape withPairs(int other) {
    return new StepShape(vocabulary, dims, layers, heads, feedForward, other, length);
  }

  StepShape withLength(int other) {
    return new StepShape(vocabulary, dims, layers, heads, feedForward, pairs, other);
  }

  /** Another width, with heads as wide as before. */
  StepShape withDims(int other) {
    return new StepShape(vocabulary, other, layers, heads * other / dims, 4 * other, pairs, length);
  }

  /** As one command line argument. */
  String argument() {
    return IntStream.of(vocabulary, dims, layers, heads, feedForward, pairs, length)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(","));
  }

  static StepShape of(String argument) {
    int[] n = Arrays.stream(argument.split(",")).mapToInt(Integer::parseInt).toArray();
    return new StepShape(n[0], n[1], n[2], n[3], n[4], n[5], n[6]);
  }

  /** Uniform tokens of the queries (0) or the positives (1): [pairs * length]. */
  int[] tokens(int role) {
    RandomStream stream = RandomStream.of(role, "tokens of a step", 0, 0);
    return IntStream.range(0, pairs * length)
        .map(i -> (int) stream.belowAt(i, vocabulary))
        .toArray();
  }

  @Override
  public String toString() {
    String model =
        layers == 0
            ? "mean of vectors, %,d x %d".formatted(vocabulary, dims)
            : "%d layers, %d wide, %d heads, %d".formatted(layers, dims, heads, feedForward);
    return "%s; %d pairs of %d tokens".formatted(model, pairs, length);
  }
}
