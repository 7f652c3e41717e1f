package io.batchwright.jobs.cli;

import io.batchwright.jobs.run.BuildInfo;
import io.batchwright.jobs.run.Environment;
import io.batchwright.jobs.run.RunSettings;
import io.batchwright.jobs.run.SparkSessions;
import io.batchwright.jobs.run.SparkVersion;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Says what this machine offers, what a run would use, and what is missing. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = "what this machine offers, what a run would use, and what is missing")
final class DoctorCommand implements Callable<Integer> {
  private static final long GIB = 1L << 30;
  private static final long RECOMMENDED_HEAP = 2 * GIB;
  private static final long RECOMMENDED_DISK = 4 * GIB;

  private final PrintStream out;
  private final List<String> missing = new ArrayList<>();
  private boolean unusable;

  @Option(names = "--master", paramLabel = "URL", description = "the Spark master to ask about")
  private String master = "";

  @Option(names = "--out", paramLabel = "DIR", description = "the folder whose disk to look at")
  private Path folder = Path.of("batchwright-out");

  DoctorCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() throws IOException {
    Environment environment = Environment.probe();
    BuildInfo build = BuildInfo.read();
    line("Batchwright", build.version() + " (" + build.commit() + ")");
    line("Java", environment.java());
    line("Spark", environment.spark());
    SparkVersion.refusal()
        .ifPresent(
            sentence -> {
              missing.add(sentence);
              unusable = true;
            });
    line("Cores", environment.cores() + "  " + environment.cpu());
    memory();
    disk();
    gpus(environment);
    spark();
    out.println();
    if (missing.isEmpty()) {
      out.println("Nothing is missing.");
    } else {
      out.println("Missing or worth a look:");
      missing.forEach(sentence -> out.println("  - " + sentence));
    }
    return unusable ? 4 : 0;
  }

  private void memory() {
    long heap = Runtime.getRuntime().maxMemory();
    line("Memory", "%.1f GiB heap for driver and local executors".formatted((double) heap / GIB));
    if (heap < RECOMMENDED_HEAP) {
      missing.add("Less than 2 GiB of heap: give more with BATCHWRIGHT_MEMORY=4g.");
    }
  }

  private void disk() throws IOException {
    Path existing = folder.toAbsolutePath();
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    FileStore store = Files.getFileStore(existing);
    line("Disk", "%.1f GiB free at %s".formatted((double) store.getUsableSpace() / GIB, existing));
    if (store.getUsableSpace() < RECOMMENDED_DISK) {
      missing.add("Less than 4 GiB of disk at " + existing + ".");
    }
    if (!Files.isWritable(existing)) {
      missing.add("No permission to write to " + existing + ".");
    }
  }

  private void gpus(Environment environment) {
    line("GPUs", environment.gpus().isEmpty() ? "none" : String.join(", ", environment.gpus()));
    try (Backend cuda = Backends.select("cuda")) {
      line("CUDA", cuda.provider());
    } catch (IllegalStateException e) {
      String reason = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
      line("CUDA", "not used: " + reason);
      if (!environment.gpus().isEmpty()) {
        missing.add("There is a GPU, but it cannot be used: " + reason + ".");
      }
    }
    try (Backend cpu = Backends.cpu()) {
      line("Kernels", cpu.provider());
    }
  }

  private void spark() {
    Map<String, String> settings = SparkSessions.effective(RunSettings.DEFAULTS, master);
    line("Master", settings.get("spark.master") + "  (what a run would use)");
    line("Rank GPUs", rankGpus(settings));
    boolean encrypted =
        Boolean.parseBoolean(settings.getOrDefault("spark.network.crypto.enabled", "false"))
            || Boolean.parseBoolean(settings.getOrDefault("spark.ssl.rpc.enabled", "false"));
    boolean local = settings.get("spark.master").startsWith("local");
    line(
        "Encryption",
        encrypted
            ? "Spark's connections are encrypted, and so is what training ranks send each other"
            : local ? "not needed: one process, on loopback" : "none");
    if (!encrypted && !local) {
      missing.add(
          "Spark's connections are not encrypted, so gradients and the key by which ranks know each"
              + " other travel in the clear: set spark.authenticate and spark.network.crypto.enabled.");
    }
    if (Boolean.parseBoolean(settings.getOrDefault("spark.dynamicAllocation.enabled", "false"))) {
      missing.add("Dynamic allocation is on; training ranks need it off.");
    }
  }

  /** What executors would be asked for. */
  private static String rankGpus(Map<String, String> settings) {
    String amount = settings.getOrDefault("spark.executor.resource.gpu.amount", "0");
    if (settings.get("spark.master").startsWith("local")) {
      return "local mode: all ranks share the first GPU, if there is one";
    }
    return amount.equals("0")
        ? "none: spark.executor.resource.gpu.amount is not set"
        : amount + " an executor, one a rank";
  }

  private void line(String name, String value) {
    out.println("%-12s %s".formatted(name, value));
  }
}
