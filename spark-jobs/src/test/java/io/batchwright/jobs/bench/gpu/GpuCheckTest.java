package io.batchwright.jobs.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.sun.jna.Native;
import io.batchwright.jobs.run.BuildInfo;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.kernel.check.KernelCases;
import io.batchwright.technique.Paper;
import io.batchwright.train.graph.Graph;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The check without a GPU: the CPU against itself, and without the classes of Spark. */
class GpuCheckTest {
  @TempDir Path folder;

  @Test
  void aCheckThatPassesLeavesItsPageAndNeedsNoSpark() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-cp",
                withoutSpark(),
                WithoutSpark.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(folder.resolve("log"))).isZero();
    assertThat(Files.readString(folder.resolve("gpu-check.md")))
        .startsWith("# GPU check\n")
        .contains("Matrix products by: float32; bf16.")
        .contains("## Kernels, products by bf16")
        .containsPattern("\\| attention \\| (\\d+) \\| \\1 \\|")
        .containsPattern("\\| steps \\| 3 \\| 3 \\|")
        .doesNotContain("WRONG");
  }

  @Test
  void aHostWithoutOneIsToldSoInALine() throws IOException {
    assumeFalse(Files.exists(Path.of("/dev/nvidia0")), "this host has a GPU");
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int code =
        GpuCheck.check(
            new String[] {folder.toString()}, new PrintStream(said, true, StandardCharsets.UTF_8));
    assertThat(code).isEqualTo(4);
    assertThat(said.toString(StandardCharsets.UTF_8))
        .startsWith("No GPU to check: ")
        .hasLineCount(1);
  }

  /** The classes and jars of gpu-check's own jar. */
  private static String withoutSpark() throws URISyntaxException {
    Set<String> entries = new LinkedHashSet<>();
    for (Class<?> of :
        List.of(
            GpuCheckTest.class,
            GpuCheck.class,
            Graph.class,
            Paper.class,
            Backends.class,
            Native.class,
            LoggerFactory.class)) {
      entries.add(
          Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
    }
    return String.join(File.pathSeparator, entries);
  }

  /** The program that is run. */
  static final class WithoutSpark {
    public static void main(String[] arguments) throws IOException {
      try {
        Class.forName("org.apache.spark.SparkConf");
        throw new IllegalStateException("Spark is there");
      } catch (ClassNotFoundException expected) {
        BuildInfo.read();
      }
      Map<String, Backend> variants = new LinkedHashMap<>();
      variants.put("float32", Backends.select("java"));
      variants.put("bf16", Backends.select("java"));
      int wrong =
          new GpuCheck(Path.of(arguments[0]), 0, 7, false)
              .run(variants, KernelCases.Extent.SMALL, System.out);
      if (wrong > 0) {
        throw new IllegalStateException(wrong + " are wrong");
      }
    }
  }
}
