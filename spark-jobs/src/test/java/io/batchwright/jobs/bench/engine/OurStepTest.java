package io.batchwright.jobs.bench.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.kernel.Precision;
import io.batchwright.tensor.ArenaLedger;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Bench engine")
class OurStepTest {
  private static final StepShape ENCODER = new StepShape(50, 16, 2, 2, 32, 4, 6);
  private static final StepShape MEAN = new StepShape(50, 16, 0, 0, 0, 4, 6);

  @Test
  void aShapeSurvivesTheCommandLine() {
    assertThat(StepShape.of(StepShape.MINILM.argument())).isEqualTo(StepShape.MINILM);
  }

  @Test
  void aWiderShapeKeepsTheWidthOfItsHeads() {
    StepShape wide = StepShape.SMALL.withDims(512);

    assertThat(wide.dims() / wide.heads())
        .isEqualTo(StepShape.SMALL.dims() / StepShape.SMALL.heads());
  }

  @Test
  void theStepsItTimesAreStepsThatLearn() throws IOException {
    for (StepShape shape : new StepShape[] {ENCODER, MEAN}) {
      long before = ArenaLedger.reservedBytes();
      try (OurStep step = new OurStep(shape, StepWork.DENSE)) {
        double first = step.step();
        double last = first;
        for (int i = 0; i < 60; i++) {
          last = step.step();
        }

        assertThat(last).as(shape.toString()).isLessThan(0.8 * first);
      }
      assertThat(ArenaLedger.reservedBytes()).isEqualTo(before);
    }
  }

  /** Large enough for every kind of operation to be shared. */
  @Test
  void twoThreadsTakeTheStepsOfOneBitForBit() {
    StepShape encoder = new StepShape(1_000, 96, 1, 4, 384, 8, 40);
    StepShape mean = new StepShape(3_000, 64, 0, 0, 0, 200, 20);
    for (StepShape shape : new StepShape[] {encoder, mean}) {
      try (Backend one = Backends.select("java", 0, Precision.FLOAT32, 1);
          Backend two = Backends.select("java", 0, Precision.FLOAT32, 2);
          OurStep alone = new OurStep(shape, StepWork.DENSE, one);
          OurStep shared = new OurStep(shape, StepWork.DENSE, two)) {
        for (int i = 0; i < 4; i++) {
          assertThat(shared.step()).as(shape.toString()).isEqualTo(alone.step());
        }
      }
      try (OurStep alone = new OurStep(shape, StepWork.DENSE);
          OurStep shared = new OurStep(shape, StepWork.DENSE, Precision.FLOAT32, 2)) {
        for (int i = 0; i < 4; i++) {
          assertThat(shared.step()).isCloseTo(alone.step(), within(1e-5)); // products may differ
        }
      }
    }
  }

  /** Wide enough for every product to be rounded, with more tokens than a piece of them has. */
  @Test
  void inBf16StepsLearnAsInFloat32() {
    StepShape shape = new StepShape(200, 96, 2, 3, 384, 8, 40);
    try (OurStep exact = new OurStep(shape, StepWork.DENSE);
        OurStep rounded = new OurStep(shape, StepWork.DENSE, Precision.BF16, 1)) {
      double first = rounded.step();
      assertThat(first).isCloseTo(exact.step(), within(2e-2));
      double last = first;
      for (int i = 0; i < 20; i++) {
        last = rounded.step();
        assertThat(last).isCloseTo(exact.step(), within(5e-2));
      }
      assertThat(last).isLessThan(0.8 * first);
    }
  }

  @Test
  void aChildProcessTakesTheSameSteps(@TempDir Path folder) throws IOException {
    try (OurStep here = new OurStep(ENCODER, StepWork.DENSE);
        StepProcess there = StepProcess.ours(ENCODER, StepWork.DENSE, folder)) {
      for (int i = 0; i < 3; i++) {
        double loss = here.step();
        assertThat(there.step()).isPositive();
        // The child chooses its own matrix kernels, so the bits may differ.
        assertThat(there.loss()).isCloseTo(loss, within(1e-4));
      }
    }
  }

  @Test
  void ranksTakeTheSameStepsTogether(@TempDir Path folder) throws IOException {
    for (StepShape shape : new StepShape[] {ENCODER.withPairs(5), MEAN}) {
      try (OurStep alone = new OurStep(shape, StepWork.DENSE);
          StepProcess ranks = StepProcess.ranks(shape, 2, folder)) {
        for (int i = 0; i < 3; i++) {
          double loss = alone.step();
          assertThat(ranks.step()).isPositive();
          assertThat(ranks.loss()).as(shape.toString()).isCloseTo(loss, within(1e-4));
        }
      }
    }
  }

  @Test
  void mixedTextsAreTheSameSortedAndFitTheirOffsets() {
    StepShape shape = StepShape.MINILM;
    MixedTexts mixed = new MixedTexts(shape, false);
    MixedTexts sorted = new MixedTexts(shape, true);
    assertThat(sorted.tokens()).isEqualTo(mixed.tokens());
    int longest = 0;
    for (int step = 0; step < MixedTexts.STEPS; step++) {
      int[] lengths = sorted.lengths(1, step);
      assertThat(lengths).isSorted().hasSize(shape.pairs());
      assertThat(lengths[0]).isGreaterThanOrEqualTo(longest);
      longest = lengths[lengths.length - 1];
      int[] offsets = mixed.offsets(0, step);
      assertThat(offsets[shape.pairs()]).isEqualTo(Arrays.stream(mixed.lengths(0, step)).sum());
    }
  }

  @Test
  void everyMixedStepIsTaken() {
    StepShape shape = ENCODER.withLength(20);
    try (OurStep step = new OurStep(shape, StepWork.SORTED)) {
      for (int number = 0; number < MixedTexts.STEPS; number++) {
        assertThat(step.step(number)).isPositive();
      }
    }
  }

  @Test
  void aChildThatCannotStartSaysWhy(@TempDir Path folder) {
    assertThatThrownBy(() -> StepProcess.pyTorch(ENCODER, 1, StepWork.DENSE, folder, folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("PyTorch");
  }
}
