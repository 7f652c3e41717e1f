package io.batchwright.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.data.batch.RoleBatch;
import io.batchwright.data.batch.StepBatch;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.cuda.CudaDevices;
import io.batchwright.kernel.cuda.EmulatedGpu;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.collective.LocalCollective;
import io.batchwright.train.layer.Activations;
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.model.Bert;
import io.batchwright.train.model.ModelInstance;
import io.batchwright.train.model.Pooling;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.schedule.Constant;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Steps on texts of mixed lengths on the emulated GPU: filled up, they come from CUDA graphs. */
@Tag("cluster")
class RepeatedStepsTest {
  private static final int VOCABULARY = 200;
  private static final int PAIRS = 8;
  private static final int STEPS = 14;
  private static final int FIRST = 8; // steps until their shapes have come twice

  @Test
  void nearlyAllLaunchesComeFromGraphsAndLossesAreTheSame() throws IOException {
    Run bare = Run.of(false, false);
    Run filled = Run.of(false, true);
    int graphs = EmulatedGpu.graphs();
    Run byGraphs = Run.of(true, true);
    assertThat(EmulatedGpu.graphs()).as("kept after they were switched off").isEqualTo(graphs);
    assertThat(byGraphs.losses).as("not a bit differs").isEqualTo(filled.losses);
    for (int i = 0; i < STEPS; i++) {
      assertThat(filled.losses.get(i)).isCloseTo(bare.losses.get(i), within(1e-5));
    }
    assertThat(byGraphs.shares.subList(FIRST, STEPS)).allMatch(share -> share > 0.9);
    assertThat(byGraphs.graphs).isBetween(1, 50);
    List<Double> shares = Run.of(true, false).shares;
    assertThat(shares.subList(FIRST, STEPS)).as("not filled up").allMatch(share -> share < 0.5);
  }

  private static final class Run {
    final List<Double> losses = new ArrayList<>();
    final List<Double> shares = new ArrayList<>(); // of launches by graphs, of each step
    int graphs; // at most

    static Run of(boolean graphs, boolean filled) {
      Run made = new Run();
      Backend patient = EmulatedGpu.patient();
      try (Backend cuda = filled ? CudaDevices.repeating(patient) : patient;
          Arena run = cuda.arena("run");
          Arena step = run.child("step")) {
        CudaDevices.useGraphs(cuda, graphs);
        ModelInstance model =
            new Bert(2, 16, 2, 32, 64, 0.1, 0.1, Pooling.MEAN, Activations.KEPT)
                .build(VOCABULARY, cuda, run, RandomStream.of(5, "model", 0, 0));
        Trainee trainee =
            new Trainee(
                7,
                model,
                new InfoNce(0.1, false, false, false),
                AdamW.PAPER.build(model.parameters(), cuda, run),
                new Constant(1e-3, 0, 0),
                STEPS,
                1,
                NotFinite.FAIL);
        try (TrainStep steps = new TrainStep(trainee, new LocalCollective(), cuda, step, 0)) {
          for (int i = 0; i < STEPS; i++) {
            CudaDevices.Started before = CudaDevices.started(cuda);
            made.losses.add(steps.run(batch(i), 0).loss());
            CudaDevices.Started after = CudaDevices.started(cuda);
            made.shares.add(after.shareSince(before));
            made.graphs = Math.max(made.graphs, after.graphs());
          }
        }
        CudaDevices.useGraphs(cuda, false);
      }
      return made;
    }
  }

  /** Queries of 8 to 15 tokens and positives of 16 to 47. */
  private static StepBatch batch(int step) {
    int[] positions = IntStream.range(0, PAIRS).toArray();
    long[] samples = IntStream.of(positions).mapToLong(p -> 1000L * step + p).toArray();
    Map<String, RoleBatch> roles =
        Map.of("query", texts(samples, step, 8, 16), "positive", texts(samples, step, 16, 48));
    return new StepBatch(
        0, step, positions, samples, samples, new float[PAIRS], new TreeMap<>(roles));
  }

  /** Of {@code fewest} to before {@code most} tokens. */
  private static RoleBatch texts(long[] ids, int step, int fewest, int most) {
    RandomStream stream = RandomStream.of(most, "texts", 0, step);
    int[] offsets = new int[PAIRS + 1];
    for (int i = 0; i < PAIRS; i++) {
      offsets[i + 1] = offsets[i] + fewest + (int) stream.belowAt(i, most - fewest);
    }
    int[] tokens =
        IntStream.range(0, offsets[PAIRS])
            .map(t -> (int) stream.belowAt(100 + t, VOCABULARY))
            .toArray();
    return new RoleBatch(tokens, offsets, new int[0], ids);
  }
}
