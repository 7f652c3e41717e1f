package io.batchwright.train.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.ArenaLedger;
import io.batchwright.tensor.ArenaLimitException;
import io.batchwright.tensor.DType;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.layer.Activations;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.optimizer.OptimizerInstance;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What training an encoder takes from the device, and what it gives back. */
class EncoderMemoryTest {
  private static final BertConfig TINY =
      new BertConfig(30, 4, 1, 2, 8, 64, 0, 1, 0.1, 0.1, 1e-12, 0.02);
  private static final int STEPS = 10_000;
  private static final int ALL_LENGTHS = 40;

  @ParameterizedTest
  @EnumSource(Activations.class)
  void nothingGrowsInTenThousandStepsAndNothingIsLeft(Activations activations) {
    long reservedBefore = ArenaLedger.reservedBytes();
    long openBefore = ArenaLedger.openArenas();
    long leakedBefore = ArenaLedger.leakedArenas();
    try (Backend backend = Backends.cpu();
        Arena run = backend.arena("run");
        Arena step = run.child("step")) {
      Training training = new Training(backend, run, step, activations);
      for (int s = 0; s < 2 * ALL_LENGTHS; s++) {
        training.step(s, 1 + s % ALL_LENGTHS);
      }
      step.reset();
      long live = run.liveBytes();
      long reserved = ArenaLedger.reservedBytes();
      long peak = run.peakBytes();
      long open = ArenaLedger.openArenas();
      for (int s = 2 * ALL_LENGTHS; s < STEPS; s++) {
        training.step(s, 1 + s % ALL_LENGTHS);
        if (ArenaLedger.reservedBytes() != reserved) {
          assertThat(ArenaLedger.reservedBytes())
              .as("reserved after step %d", s)
              .isEqualTo(reserved);
        }
      }
      assertThat(run.peakBytes()).isEqualTo(peak);
      assertThat(ArenaLedger.openArenas()).isEqualTo(open);
      step.reset();
      assertThat(step.liveBytes()).isZero();
      assertThat(run.liveBytes()).isEqualTo(live);
    }
    assertThat(ArenaLedger.reservedBytes()).isEqualTo(reservedBefore);
    assertThat(ArenaLedger.openArenas()).isEqualTo(openBefore);
    assertThat(ArenaLedger.leakedArenas()).isEqualTo(leakedBefore);
  }

  /** A text too long for the step's limit, between two that fit. */
  @Test
  void outOfMemoryIsReadableAndTrainingGoesOn() {
    double[] undisturbed = lossesWith(false);
    assertThat(lossesWith(true)).containsExactly(undisturbed);
  }

  private static double[] lossesWith(boolean tooLong) {
    try (Backend backend = Backends.cpu();
        Arena run = backend.arena("run");
        Arena step = run.child("step", 64 << 10)) {
      Training training = new Training(backend, run, step, Activations.KEPT);
      double first = training.step(0, 5);
      if (tooLong) {
        assertThatThrownBy(() -> training.step(1, 64))
            .isInstanceOf(ArenaLimitException.class)
            .hasMessageMatching(
                "arena 'step' cannot hold .*: [0-9,]+ bytes asked, [0-9,]+ live, [0-9,]+ reserved, "
                    + "limit 65,536 \\(of arena 'step'\\); largest arena '.*' with [0-9,]+");
      }
      return new double[] {first, training.step(2, 5), training.step(3, 5)};
    }
  }

  /** Steps of a tiny encoder with dropout. */
  private static final class Training {
    private final Backend backend;
    private final Arena step;
    private final BertEncoder encoder;
    private final OptimizerInstance optimizer;

    Training(Backend backend, Arena run, Arena step, Activations activations) {
      this.backend = backend;
      this.step = step;
      encoder = new BertEncoder(TINY, new ParameterSpace(backend, run, DType.F32), 1, activations);
      optimizer = AdamW.PAPER.build(encoder.parameters(), backend, run);
    }

    /** One step on two texts, of {@code length} tokens and of one, and its loss. */
    double step(int number, int length) {
      step.reset();
      encoder.parameters().forEach(Parameter::clearGradient);
      int[] tokens = new int[length + 1];
      Arrays.setAll(tokens, t -> (t * 7 + number) % 30);
      TextBatch batch =
          new TextBatch(
              step.ints("tokens", tokens, tokens.length),
              step.ints("offsets", new int[] {0, length, length + 1}, 3));
      ForwardPass pass = new ForwardPass(true, 3, number, "text", new int[] {0, 1});
      Graph g = new Graph(backend, step);
      Variable loss = g.sum(g.tanh(encoder.encode(g, batch, Pooling.MEAN, pass)));
      g.backward(loss);
      optimizer.step(1e-3);
      return loss.item();
    }
  }
}
