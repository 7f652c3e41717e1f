package io.batchwright.kernel.check;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Runs cases on a backend and on the reference and compares. */
public final class KernelCheck {
  private final Backend reference;
  private final Backend checked;
  private final long seed;

  /**
   * @param reference what is right: the CPU in plain Java
   * @param seed of all draws
   */
  public KernelCheck(Backend reference, Backend checked, long seed) {
    this.reference = reference;
    this.checked = checked;
    this.seed = seed;
  }

  /** Runs all cases, whatever happens in some; {@code each} hears of them. */
  public List<Outcome> run(List<KernelCase> cases, Consumer<Outcome> each) {
    return cases.stream().map(this::run).peek(each).toList();
  }

  /** Runs a case. An exception is an outcome. */
  public Outcome run(KernelCase kernelCase) {
    try (Arena expectedArena = reference.arena("expected");
        Arena gotArena = checked.arena("got")) {
      CaseRun expected = new CaseRun(reference, expectedArena, seed);
      CaseRun got = new CaseRun(checked, gotArena, seed);
      kernelCase.work().on(expected);
      kernelCase.work().on(got);
      return compare(kernelCase, expected.results(), got.results());
    } catch (RuntimeException | LinkageError e) {
      return new Outcome(kernelCase, Double.NaN, e.toString());
    }
  }

  private static Outcome compare(
      KernelCase kernelCase, List<CaseRun.Result> expected, List<CaseRun.Result> got) {
    double worst = 0;
    if (expected.size() != got.size() || expected.isEmpty()) {
      return new Outcome(
          kernelCase, Double.NaN, expected.size() + " results expected, got " + got.size());
    }
    for (int r = 0; r < expected.size(); r++) {
      double[] right = expected.get(r).values();
      double[] values = got.get(r).values();
      String label = expected.get(r).label();
      if (right.length != values.length) {
        return new Outcome(
            kernelCase,
            Double.NaN,
            label + " has " + values.length + " elements instead of " + right.length);
      }
      double tolerance =
          expected.get(r).isDouble()
              ? Math.min(CaseRun.F64_TOLERANCE, kernelCase.tolerance())
              : kernelCase.tolerance();
      for (int i = 0; i < right.length; i++) {
        double error = error(right[i], values[i]);
        if (!(error <= tolerance)) {
          return new Outcome(
              kernelCase,
              error,
              String.format(
                  Locale.ROOT, "%s[%d] is %s instead of %s", label, i, values[i], right[i]));
        }
        worst = error == 0 ? worst : Math.max(worst, error / tolerance * kernelCase.tolerance());
      }
    }
    return new Outcome(kernelCase, worst, "");
  }

  private static double error(double right, double value) {
    return Double.compare(right, value) == 0 || right == value
        ? 0
        : Math.abs(right - value) / Math.max(1, Math.abs(right));
  }

  /**
   * How a case ended.
   *
   * @param worst greatest error, in the measure of the case's tolerance
   * @param failure what is wrong; empty if nothing is
   */
  public record Outcome(KernelCase kernelCase, double worst, String failure) {
    public boolean passed() {
      return failure.isEmpty();
    }

    /** As in {@code ok attention 8 heads of 64, causal worst 1.2e-06 of 2.0e-05}. */
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%-5s %-11s %-58s worst %.1e of %.1e%s",
          passed() ? "ok" : "WRONG",
          kernelCase.group(),
          kernelCase.name(),
          worst,
          kernelCase.tolerance(),
          passed() ? "" : "  " + failure);
    }
  }
}
