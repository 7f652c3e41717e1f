package io.batchwright.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.data.batch.RoleBatch;
import io.batchwright.data.batch.ShardFolder;
import io.batchwright.data.batch.StepBatch;
import io.batchwright.data.pack.PackedSamples;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.collective.LocalCollective;
import io.batchwright.train.graph.Gradients;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.language.CausalLanguageModel;
import io.batchwright.train.language.Vocabulary;
import io.batchwright.train.layer.Activations;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.Gpt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LanguageObjectiveTest {
  private static final int SIZE = 25;

  private final Backend backend = Backends.cpu();
  private final Arena arena = backend.arena("test");

  @AfterEach
  void close() {
    arena.close();
    backend.close();
  }

  @Test
  void packingChangesNeitherLossNorGradients() {
    StepBatch packed = ShardFolder.packed(0, 3, 0, 12, SIZE);
    StepBatch alone = unpacked(packed);
    assertThat(alone.size()).isGreaterThan(2 * packed.size());
    Result together = result(packed);
    Result each = result(alone);
    RoleBatch texts = packed.role(PackedSamples.ROLE);
    // Every token but the first of its piece is to be named.
    assertThat(together.counted)
        .isEqualTo(IntStream.of(texts.positionIds()).filter(place -> place > 0).count())
        .isEqualTo(each.counted);
    assertThat(together.loss).isCloseTo(each.loss, within(1e-12)).isBetween(2.5, 4.0);
    for (int p = 0; p < together.gradients.size(); p++) {
      assertThat(together.gradients.get(p)).containsExactly(each.gradients.get(p), within(1e-12));
    }
  }

  private record Result(double loss, long counted, List<double[]> gradients) {}

  private Result result(StepBatch batch) {
    LanguageObjective objective =
        LanguageObjective.build(
            CausalLanguageModel.PAPER,
            new Gpt(2, 16, 4, 32, 24, 0, 0, Activations.KEPT),
            Vocabulary.of(SIZE),
            new ParameterSpace(backend, arena, DType.F64),
            RandomStream.of(1, "model", 0, 0));
    Graph g = new Graph(backend, arena);
    Objective.Share share =
        objective.loss(g, batch, new Objective.Pass(new LocalCollective(), arena, true, 7, 0));
    g.backward(share.loss());
    List<double[]> gradients = new ArrayList<>();
    for (Parameter parameter : objective.parameters()) {
      gradients.add(Gradients.spreadOut(parameter));
    }
    return new Result(share.loss().item(), share.counted(), gradients);
  }

  /** The same pieces, each a sequence of its own. */
  private static StepBatch unpacked(StepBatch packed) {
    RoleBatch texts = packed.role(PackedSamples.ROLE);
    int[] begins =
        IntStream.range(0, texts.tokens().length)
            .filter(t -> texts.positionIds()[t] == 0)
            .toArray();
    int[] offsets =
        IntStream.concat(IntStream.of(begins), IntStream.of(texts.tokens().length)).toArray();
    long[] ids = IntStream.range(0, begins.length).asLongStream().toArray();
    RoleBatch each = new RoleBatch(texts.tokens(), offsets, texts.positionIds(), ids);
    return new StepBatch(
        0,
        packed.step(),
        IntStream.range(0, begins.length).toArray(),
        ids,
        ids,
        new float[begins.length],
        new TreeMap<>(Map.of(PackedSamples.ROLE, each)));
  }
}
