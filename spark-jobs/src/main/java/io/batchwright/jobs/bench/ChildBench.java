package io.batchwright.jobs.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.jobs.run.RunRecord;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;

/** One section in a Java process of its own, with a heap of its own. */
public final class ChildBench {
  private static final String MAIN = "io.batchwright.jobs.Batchwright";

  private ChildBench() {}

  /**
   * Runs {@code section} of this bench's area with a heap of {@code heapMegabytes}.
   *
   * @return the child's {@code run.json}
   * @throws IOException if it fails; the message holds the end of what it printed
   */
  public static JsonNode run(Bench bench, String section, int heapMegabytes)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("batchwright-bench-");
    try {
      Path log = folder.resolve("console.log");
      Process process =
          new ProcessBuilder(command(bench.recipe(), section, heapMegabytes, folder))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      try {
        if (!process.waitFor(30, TimeUnit.MINUTES) || process.exitValue() != 0) {
          throw new IOException(
              "the child process with a heap of %d MB failed: %s"
                  .formatted(heapMegabytes, end(log)));
        }
      } finally {
        process.destroyForcibly();
      }
      org.apache.hadoop.fs.Path out =
          new org.apache.hadoop.fs.Path(folder.resolve("out").toUri().toString());
      return RunRecord.read(out, new Configuration()).orElseThrow();
    } finally {
      delete(folder);
    }
  }

  private static List<String> command(
      BenchRecipe recipe, String section, int heapMegabytes, Path folder) {
    List<String> command = java("-Xmx" + heapMegabytes + "m");
    command.addAll(List.of("-cp", classPath(), MAIN, "bench", recipe.area(), "--quiet"));
    command.addAll(List.of("--out", folder.resolve("out").toString()));
    command.addAll(List.of("--tier", recipe.tier().name(), "--scale", "" + recipe.scale()));
    command.addAll(List.of("--jars", recipe.jarsDir(), "--set", "seed=" + recipe.seed()));
    command.addAll(List.of("--set", "sections=[" + section + "]"));
    command.addAll(List.of("--conf", "spark.ui.enabled=false"));
    return command;
  }

  /** The start of a command: this process's JVM and options, with {@code heap} for a heap. */
  public static List<String> java(String heap) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!option.startsWith("-Xmx") && !option.startsWith("-agentlib")) {
        command.add(option);
      }
    }
    command.add(heap);
    return command;
  }

  /** This process's class path, and our own jar, which spark-submit loads by another way. */
  public static String classPath() {
    String own = System.getProperty("java.class.path");
    try {
      Path jar =
          Path.of(ChildBench.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return own.contains(jar.toString()) ? own : jar + System.getProperty("path.separator") + own;
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String end(Path log) throws IOException {
    String text = Files.readString(log);
    return text.substring(Math.max(0, text.length() - 600)).strip();
  }

  /** Removes a local folder with all in it. */
  public static void delete(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
