package io.batchwright.train.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.train.graph.Gradients;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.SavedBytes;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.layer.Activations;
import io.batchwright.train.layer.ParameterSpace;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A BERT of six layers with both kinds of dropout, its activations kept and recomputed. */
class RecomputedEncoderTest {
  private static final BertConfig CONFIG =
      new BertConfig(100, 32, 6, 4, 128, 64, 0, 2, 0.1, 0.1, 1e-12, 0.02);

  /** What a step leaves behind. */
  private record Step(
      double loss, Map<String, double[]> gradients, long savedBytes, long peakBytes) {}

  @Test
  void gradientsAreTheSameBitsAndSavedBytesFall() {
    Step kept = step(Activations.KEPT);
    Step recomputed = step(Activations.RECOMPUTED);
    assertThat(recomputed.loss()).isEqualTo(kept.loss());
    assertThat(recomputed.gradients().keySet()).isEqualTo(kept.gradients().keySet());
    kept.gradients()
        .forEach(
            (name, gradient) ->
                assertThat(recomputed.gradients().get(name)).as(name).containsExactly(gradient));
    assertThat(recomputed.savedBytes()).isLessThan(kept.savedBytes() / 8);
    assertThat(recomputed.peakBytes()).isLessThan(2 * kept.peakBytes() / 5);
  }

  /** A rank may hold no text of a batch. */
  @ParameterizedTest
  @EnumSource(Activations.class)
  void aBatchWithoutTextsGoesThrough(Activations activations) {
    try (Backend backend = Backends.cpu();
        Arena run = backend.arena("run")) {
      BertEncoder encoder =
          new BertEncoder(CONFIG, new ParameterSpace(backend, run, DType.F32), 3, activations);
      Graph g = new Graph(backend, run);
      TextBatch batch =
          new TextBatch(run.ints("tokens", new int[0], 0), run.ints("offsets", new int[1], 1));
      ForwardPass pass = new ForwardPass(true, 7, 4, "query", new int[0]);
      Variable pooled = encoder.encode(g, batch, Pooling.MEAN, pass);
      assertThat(pooled.shape().dims()).containsExactly(0, 32);
      g.backward(g.sum(pooled));
      assertThat(encoder.parameters())
          .allSatisfy(p -> assertThat(Gradients.spreadOut(p)).containsOnly(0));
    }
  }

  private static Step step(Activations activations) {
    try (Backend backend = Backends.cpu();
        Arena run = backend.arena("run");
        Arena memory = backend.arena("step")) {
      BertEncoder encoder =
          new BertEncoder(CONFIG, new ParameterSpace(backend, run, DType.F32), 3, activations);
      SavedBytes saved = new SavedBytes();
      Graph g = new Graph(backend, memory, saved);
      int[] tokens = new int[150];
      Arrays.setAll(tokens, i -> i * 37 % 100);
      int[] offsets = {0, 64, 90, 150};
      TextBatch batch =
          new TextBatch(
              memory.ints("tokens", tokens, tokens.length),
              memory.ints("offsets", offsets, offsets.length));
      ForwardPass pass = new ForwardPass(true, 7, 4, "query", new int[] {0, 1, 2});
      Variable pooled = encoder.encode(g, batch, Pooling.MEAN, pass);
      Variable loss = g.sum(g.tanh(pooled));
      g.backward(loss);
      Map<String, double[]> gradients = new LinkedHashMap<>();
      for (Parameter parameter : encoder.parameters()) {
        gradients.put(parameter.name(), Gradients.spreadOut(parameter));
      }
      return new Step(loss.item(), gradients, saved.bytes(), memory.peakBytes());
    }
  }
}
