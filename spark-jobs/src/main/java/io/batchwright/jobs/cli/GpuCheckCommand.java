package io.batchwright.jobs.cli;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.bench.gpu.GpuCheck;
import io.batchwright.kernel.cuda.CudaFailure;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Holds the kernels of this machine's GPU against the CPU, and measures them. */
@Command(
    name = "gpu-check",
    mixinStandardHelpOptions = true,
    description = "every kernel of this machine's GPU against the CPU, then its speed")
final class GpuCheckCommand implements Callable<Integer> {
  private final PrintStream out;

  @Option(names = "--out", paramLabel = "DIR", description = "where gpu-check.md is written")
  private Path folder = Path.of("batchwright-out", "gpu-check");

  @Option(names = "--gpu", paramLabel = "N", description = "which GPU, from 0 (the default)")
  private int gpu;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "of the inputs; another one in each run by default")
  private long seed = System.nanoTime();

  @Option(names = "--no-times", description = "check only, do not measure")
  private boolean noTimes;

  GpuCheckCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() throws IOException {
    try {
      return new GpuCheck(folder, gpu, seed, !noTimes).run(out) == 0 ? 0 : 1;
    } catch (CudaFailure e) {
      throw BatchwrightException.resources("No GPU to check: " + e.getMessage() + ".", e);
    }
  }
}
