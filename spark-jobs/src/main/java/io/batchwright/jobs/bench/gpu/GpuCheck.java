package io.batchwright.jobs.bench.gpu;

import io.batchwright.jobs.run.BuildInfo;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.kernel.check.KernelCase;
import io.batchwright.kernel.check.KernelCases;
import io.batchwright.kernel.check.KernelCheck;
import io.batchwright.kernel.check.KernelTimes;
import io.batchwright.kernel.cuda.CudaDevices;
import io.batchwright.kernel.cuda.CudaFailure;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Holds every kernel of a GPU against the CPU in plain Java, then measures.
 *
 * @param folder where the page is written
 * @param gpu counted from 0 over those that are visible to the process
 * @param seed of all inputs
 * @param measures whether times are wanted as well
 */
public record GpuCheck(Path folder, int gpu, long seed, boolean measures) {
  /** As the launcher's exit code where resources are missing. */
  private static final int NO_GPU = 4;

  /**
   * Without Spark: {@code java -jar batchwright-gpu-check-VERSION.jar [DIR]}. The exit code is 0
   * where all is right, 1 where a case is wrong, 4 where there is no GPU to check.
   */
  public static void main(String[] arguments) throws IOException {
    System.setProperty("slf4j.internal.verbosity", "ERROR"); // the jar has no logger, nor needs one
    System.exit(check(arguments, System.out));
  }

  static int check(String[] arguments, PrintStream out) throws IOException {
    Path folder = Path.of(arguments.length > 0 ? arguments[0] : "gpu-check");
    long seed = System.nanoTime(); // fresh inputs; the page says it
    try {
      return new GpuCheck(folder, 0, seed, true).run(out) == 0 ? 0 : 1;
    } catch (CudaFailure e) {
      out.println("No GPU to check: " + e.getMessage() + ".");
      return NO_GPU;
    }
  }

  /**
   * Checks and, if all is right, measures.
   *
   * @return how many cases are wrong
   * @throws io.batchwright.kernel.cuda.CudaFailure with the reason if there is no GPU to be used
   */
  public int run(PrintStream out) throws IOException {
    return run(CudaDevices.variants(gpu, measures), KernelCases.Extent.FULL, out);
  }

  int run(Map<String, Backend> variants, KernelCases.Extent extent, PrintStream out)
      throws IOException {
    Backend first = variants.values().iterator().next();
    BuildInfo build = BuildInfo.read();
    GpuPage page = new GpuPage(folder);
    page.line("# GPU check");
    page.line("");
    page.line(
        "%s · Batchwright %s (%s) · Java %s · %s · seed %d"
            .formatted(
                Instant.now(),
                build.version(),
                build.commit(),
                Runtime.version(),
                first.provider(),
                seed));
    page.line("Matrix products by: " + String.join("; ", variants.keySet()) + ".");
    List<KernelCheck.Outcome> wrong = check(variants, extent, page, out);
    if (wrong.isEmpty() && measures) {
      variants.forEach((name, backend) -> page.choices(name, backend.choices()));
      for (Map.Entry<String, Backend> variant : variants.entrySet()) {
        page.table("Matrix products, " + variant.getKey());
        KernelTimes.products(variant.getValue(), time -> said(out, page, time));
        page.table("Attention, " + variant.getKey());
        KernelTimes.attention(variant.getValue(), time -> said(out, page, time));
      }
      page.table("Exact search");
      for (Map.Entry<String, Backend> variant : variants.entrySet()) {
        KernelTimes.search(variant.getValue(), time -> said(out, page, time.by(variant.getKey())));
      }
      page.table("Other kernels");
      KernelTimes.others(first, time -> said(out, page, time));
      page.table("Training steps of encoders");
      for (Map.Entry<String, Backend> variant : variants.entrySet()) {
        new GpuSteps(variant.getValue(), variant.getKey()).run(time -> said(out, page, time));
      }
    }
    page.write();
    out.println("Written to " + page.file());
    return wrong.size();
  }

  private List<KernelCheck.Outcome> check(
      Map<String, Backend> variants, KernelCases.Extent extent, GpuPage page, PrintStream out) {
    List<KernelCheck.Outcome> outcomes = new ArrayList<>();
    try (Backend reference = Backends.select("java")) {
      boolean first = true;
      for (Map.Entry<String, Backend> variant : variants.entrySet()) {
        out.println("Checking with products by " + variant.getKey());
        boolean rounded = variant.getKey().contains("bf16");
        List<KernelCase> cases =
            first
                ? KernelCases.all(extent)
                : rounded ? KernelCases.rounded(extent) : KernelCases.products(extent);
        KernelCheck check = new KernelCheck(reference, variant.getValue(), seed);
        List<KernelCheck.Outcome> some = new ArrayList<>(check.run(cases, out::println));
        List<KernelCase> steps =
            List.of(GpuSteps.losses(rounded), GpuSteps.graphs(), GpuSteps.filled(rounded));
        some.addAll(check.run(steps, out::println));
        page.section("Kernels, products by " + variant.getKey(), some);
        outcomes.addAll(some);
        first = false;
      }
    }
    return outcomes.stream().filter(outcome -> !outcome.passed()).toList();
  }

  private static void said(PrintStream out, GpuPage page, KernelTimes.Time time) {
    out.println(time);
    page.line(time.toString());
  }
}
