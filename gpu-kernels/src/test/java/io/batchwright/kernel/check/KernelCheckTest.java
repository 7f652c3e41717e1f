package io.batchwright.kernel.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.kernel.check.KernelCases.Extent;
import io.batchwright.kernel.check.KernelCheck.Outcome;
import io.batchwright.kernel.cuda.EmulatedGpu;
import io.batchwright.tensor.DType;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelCheckTest {
  private static final long SEED = 20;

  @Test
  void everyCasePassesOnTheEmulatedGpu() {
    try (Backend reference = Backends.select("java");
        Backend gpu = EmulatedGpu.backend()) {
      List<Outcome> outcomes =
          new KernelCheck(reference, gpu, SEED).run(KernelCases.all(Extent.SMALL), outcome -> {});
      assertThat(outcomes).hasSizeGreaterThan(200).allMatch(Outcome::passed);
    }
  }

  @Test
  void roundedCasesPassOnItsTensorCores() {
    try (Backend reference = Backends.select("java");
        Backend gpu = EmulatedGpu.rounding()) {
      List<Outcome> outcomes =
          new KernelCheck(reference, gpu, SEED)
              .run(KernelCases.rounded(Extent.SMALL), outcome -> {});
      assertThat(outcomes).hasSizeGreaterThan(50).allMatch(Outcome::passed);
    }
  }

  @Test
  void wrongResultsAndWhatWasNotWrittenAreFound() {
    try (Backend reference = Backends.select("java");
        Backend same = Backends.select("java")) {
      KernelCheck check = new KernelCheck(reference, same, SEED);
      KernelCase unwritten =
          new KernelCase(
              "test",
              "unwritten",
              1,
              run -> {
                var out = run.output("out", DType.F32, 3);
                if (run.backend() == reference) {
                  run.backend().fill(out, 1);
                }
              });
      assertThat(check.run(unwritten).failure()).isEqualTo("out[0] is NaN instead of 1.0");
      KernelCase close =
          new KernelCase(
              "test",
              "close",
              1e-3,
              run -> run.number("number", run.backend() == reference ? 100 : 100.05));
      assertThat(check.run(close).passed()).isTrue();
      KernelCase nothing = new KernelCase("test", "nothing", 1, run -> {});
      assertThat(check.run(nothing).failure()).isEqualTo("0 results expected, got 0");
      KernelCase failing =
          new KernelCase(
              "test",
              "failing",
              1,
              run -> {
                throw new IllegalStateException("broken");
              });
      assertThat(check.run(failing).toString())
          .startsWith("WRONG test")
          .endsWith("java.lang.IllegalStateException: broken");
    }
  }
}
