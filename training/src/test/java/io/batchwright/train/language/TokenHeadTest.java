package io.batchwright.train.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.ForwardPass;
import io.batchwright.train.model.GptConfig;
import io.batchwright.train.model.GptDecoder;
import io.batchwright.train.model.TextBatch;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.optimizer.OptimizerInstance;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TokenHeadTest {
  private final Backend backend = Backends.cpu();
  private final Arena arena = backend.arena("test");
  private GptDecoder decoder;
  private TokenTask task;

  @BeforeEach
  void build() {
    GptConfig config = new GptConfig(20, 8, 1, 2, 16, 8, 0, 0, 1e-5, 0.1);
    decoder = new GptDecoder(config, new ParameterSpace(backend, arena, DType.F64), 1);
    TextBatch batch =
        new TextBatch(
            arena.ints("tokens", new int[] {1, 7, 3, 1, 7, 9}, 6),
            arena.ints("offsets", new int[] {0, 3, 6}, 3));
    task = CausalLanguageModel.PAPER.task(arena, batch, Vocabulary.of(20), ForwardPass.EVALUATION);
  }

  @AfterEach
  void close() {
    arena.close();
    backend.close();
  }

  private Variable loss(Graph g, long globalCount) {
    Variable states = decoder.states(g, task.batch(), ForwardPass.EVALUATION);
    return TokenHead.of(decoder).loss(g, states, task, globalCount);
  }

  @Test
  void aRanksShareIsDividedByTheGlobalCount() {
    double alone = loss(new Graph(backend, arena), 4).item();
    assertThat(loss(new Graph(backend, arena), 10).item()).isCloseTo(alone * 0.4, within(1e-12));
  }

  @Test
  void theTiedTableIsOneParameterWithOneStateAndIsTrained() {
    assertThat(TokenHead.of(decoder).parameters()).isEmpty();
    assertThat(decoder.parameters()).containsOnlyOnce(decoder.words());
    OptimizerInstance optimizer = AdamW.PAPER.build(decoder.parameters(), backend, arena);
    assertThat(optimizer.state().keySet().stream().filter(name -> name.startsWith("wte")))
        .containsExactly("wte.weight.m", "wte.weight.v");
    double first = loss(new Graph(backend, arena), 4).item();
    for (int step = 0; step < 100; step++) {
      Graph g = new Graph(backend, arena);
      g.backward(loss(g, 4));
      optimizer.step(0.01);
    }
    double last = loss(new Graph(backend, arena), 4).item();
    assertThat(first).isCloseTo(Math.log(20), within(0.3));
    assertThat(last).isLessThan(0.5); // after 1 and 7 come 3 or 9, so half of the targets cost ln 2
    assertThat(last).isGreaterThan(Math.log(2) / 2 - 1e-6);
  }

  @Test
  void logitsGiveTheSameLoss() {
    Graph g = new Graph(backend, arena);
    Variable states = decoder.states(g, task.batch(), ForwardPass.EVALUATION);
    Variable logits = TokenHead.of(decoder).logits(g, g.gatherRows(states, task.positions()));
    Variable mean = g.mean(g.sub(g.logSumExpRows(logits, null), g.pick(logits, task.targets())));
    assertThat(mean.item()).isCloseTo(loss(g, 4).item(), within(1e-12));
  }
}
