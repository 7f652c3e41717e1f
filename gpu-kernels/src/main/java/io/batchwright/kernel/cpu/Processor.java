package io.batchwright.kernel.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * This machine's processor as Linux describes it; libraries choose their kernels by it, so results
 * may differ between two models.
 *
 * @param vendor such as {@code GenuineIntel}; empty where there is no description
 * @param name model, family and number of the model, or the architecture
 * @param features such as {@code avx512f}
 */
record Processor(String vendor, String name, Set<String> features) {
  private static final Path DESCRIPTION = Path.of("/proc/cpuinfo");

  static Processor here() {
    try (Stream<String> lines = Files.lines(DESCRIPTION)) {
      return of(lines.takeWhile(line -> !line.isBlank()).toList());
    } catch (IOException e) {
      return of(List.of());
    }
  }

  /** From the lines of one core. */
  static Processor of(List<String> lines) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.put(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
      }
    }
    String name =
        Stream.of(
                Optional.ofNullable(fields.get("model name")),
                Optional.ofNullable(fields.get("cpu family")).map(value -> "cpu family " + value),
                Optional.ofNullable(fields.get("model")).map(value -> "model " + value))
            .flatMap(Optional::stream)
            .collect(Collectors.joining(", "));
    return new Processor(
        fields.getOrDefault("vendor_id", ""),
        name.isEmpty() ? System.getProperty("os.arch") : name,
        Set.of(fields.getOrDefault("flags", "").split("\\s+")));
  }

  /** Whether oneDNN's kernels for this processor were found faster than OpenBLAS's. */
  boolean prefersOneDnn() {
    return vendor.equals("GenuineIntel") && features.contains("avx512f");
  }
}
