package io.batchwright.jobs.bench.collective;

import io.batchwright.data.batch.RoleBatch;
import io.batchwright.data.batch.StepBatch;
import io.batchwright.tensor.RandomStream;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Batches of random texts, the same whatever rank asks.
 *
 * @param vocabulary token ids
 * @param length tokens of each text
 */
record DrawnPairs(int vocabulary, int length) {

  /** The pairs at the places {@code from} to {@code to} of a step's global batch. */
  StepBatch of(int step, int from, int to) {
    int[] places = IntStream.range(from, to).toArray();
    long[] samples = LongStream.range(from, to).toArray();
    float[] weights = new float[places.length];
    Arrays.fill(weights, 1);
    SortedMap<String, RoleBatch> roles = new TreeMap<>();
    for (String role : List.of("query", "positive")) {
      roles.put(role, texts(role, step, places));
    }
    return new StepBatch(0, step, places, samples, samples, weights, roles);
  }

  private RoleBatch texts(String role, int step, int[] places) {
    RandomStream random = RandomStream.of(2, "tokens of " + role, 0, step);
    int count = places.length * length;
    int[] tokens = new int[count];
    int[] positions = new int[count];
    for (int i = 0; i < count; i++) {
      long global = (long) places[i / length] * length + i % length;
      tokens[i] = (int) random.belowAt(global, vocabulary);
      positions[i] = i % length;
    }
    return new RoleBatch(
        tokens,
        IntStream.rangeClosed(0, places.length).map(i -> i * length).toArray(),
        positions,
        Arrays.stream(places).asLongStream().toArray());
  }
}
