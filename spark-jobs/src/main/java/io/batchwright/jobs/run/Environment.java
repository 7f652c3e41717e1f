package io.batchwright.jobs.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The machine and the versions that a driver runs on.
 *
 * @param java the runtime's version
 * @param spark Spark's version
 * @param cores processors this process may use
 * @param cpu the processor's model
 * @param gpus the GPUs' models as the driver module of the kernel lists them
 */
public record Environment(String java, String spark, int cores, String cpu, List<String> gpus) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final Path GPU_INFO = Path.of("/proc/driver/nvidia/gpus");

  /** This process's environment. */
  public static Environment probe() {
    return new Environment(
        Runtime.version().toString(),
        org.apache.spark.package$.MODULE$.SPARK_VERSION(),
        Runtime.getRuntime().availableProcessors(),
        field(CPU_INFO, "model name").orElse(System.getProperty("os.arch")),
        gpuModels());
  }

  /** As {@code run.json} has it; the provider is added by the job that uses one. */
  ObjectNode toJson() {
    ObjectNode json = JsonFile.JSON.createObjectNode();
    json.put("java", java).put("spark", spark).put("cores", cores).put("cpu", cpu);
    json.put("gpu", gpus.isEmpty() ? null : String.join(", ", gpus));
    json.putNull("provider");
    return json;
  }

  private static List<String> gpuModels() {
    if (!Files.isDirectory(GPU_INFO)) {
      return List.of();
    }
    TreeSet<String> models = new TreeSet<>();
    try (Stream<Path> gpus = Files.list(GPU_INFO)) {
      gpus.forEach(
          gpu -> models.add(field(gpu.resolve("information"), "Model").orElse("NVIDIA GPU")));
    } catch (IOException e) {
      return List.of();
    }
    return List.copyOf(models);
  }

  private static Optional<String> field(Path file, String name) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
