package io.batchwright.data.batch;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Joins the blocks of one step that a rank reads from several lanes. */
final class Batches {
  private Batches() {}

  static StepBatch concatenate(List<StepBatch> parts) {
    int size = parts.stream().mapToInt(StepBatch::size).sum();
    int[] positions = new int[size];
    long[] samples = new long[size];
    long[] equalHash = new long[size];
    float[] weights = new float[size];
    int at = 0;
    for (StepBatch part : parts) {
      System.arraycopy(part.positions(), 0, positions, at, part.size());
      System.arraycopy(part.samples(), 0, samples, at, part.size());
      System.arraycopy(part.equalHash(), 0, equalHash, at, part.size());
      System.arraycopy(part.weights(), 0, weights, at, part.size());
      at += part.size();
    }
    StepBatch first = parts.get(0);
    SortedMap<String, RoleBatch> roles = new TreeMap<>();
    for (String role : first.roles().keySet()) {
      roles.put(role, concatenateRole(parts.stream().map(part -> part.role(role)).toList()));
    }
    return new StepBatch(
        first.epoch(),
        first.step(),
        positions,
        samples,
        equalHash,
        weights,
        KnownPositives.concatenate(parts.stream().map(StepBatch::knownPositives).toList()),
        roles);
  }

  private static RoleBatch concatenateRole(List<RoleBatch> parts) {
    int tokenCount = parts.stream().mapToInt(part -> part.tokens().length).sum();
    int sequences = parts.stream().mapToInt(RoleBatch::sequences).sum();
    int[] tokens = new int[tokenCount];
    int[] positionIds = new int[tokenCount];
    int[] cuSeqlens = new int[sequences + 1];
    long[] textIds = new long[sequences];
    int token = 0;
    int sequence = 0;
    for (RoleBatch part : parts) {
      System.arraycopy(part.tokens(), 0, tokens, token, part.tokens().length);
      System.arraycopy(part.positionIds(), 0, positionIds, token, part.tokens().length);
      System.arraycopy(part.textIds(), 0, textIds, sequence, part.sequences());
      for (int i = 0; i < part.sequences(); i++) {
        cuSeqlens[sequence + i + 1] = token + part.cuSeqlens()[i + 1];
      }
      token += part.tokens().length;
      sequence += part.sequences();
    }
    return new RoleBatch(
        tokens,
        cuSeqlens,
        positionIds,
        textIds,
        floats(parts.stream().map(RoleBatch::scores).toList()),
        floats(parts.stream().map(RoleBatch::guide).toList()));
  }

  private static float[] floats(List<float[]> parts) {
    float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }
}
