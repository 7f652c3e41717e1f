package io.batchwright.jobs.bench.gpu;

import io.batchwright.kernel.check.KernelCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The page of a GPU check, {@code gpu-check.md}. */
final class GpuPage {
  private final Path folder;
  private final List<String> lines = new ArrayList<>();

  GpuPage(Path folder) {
    this.folder = folder;
  }

  Path file() {
    return folder.resolve("gpu-check.md");
  }

  void line(String line) {
    lines.add(line);
  }

  /** The head of a table of times. */
  void table(String title) {
    lines.add("");
    lines.add("## " + title);
    lines.add("");
    lines.add("| what | unit | min | median | max |");
    lines.add("|---|---|---|---|---|");
  }

  /** What a backend chose by measurement, if that is more than a word. */
  void choices(String name, String choices) {
    if (choices.contains("\n")) {
      lines.add("");
      lines.add("## Who multiplies what, " + name);
      lines.add("");
      lines.add("```");
      lines.add(choices.strip());
      lines.add("```");
    }
  }

  /** How many cases of each group passed, how near they came, and what is wrong. */
  void section(String title, List<KernelCheck.Outcome> outcomes) {
    lines.add("");
    lines.add("## " + title);
    lines.add("");
    lines.add("| group | cases | passed | greatest share of its tolerance |");
    lines.add("|---|---|---|---|");
    Map<String, List<KernelCheck.Outcome>> groups = new TreeMap<>();
    for (KernelCheck.Outcome outcome : outcomes) {
      groups.computeIfAbsent(outcome.kernelCase().group(), any -> new ArrayList<>()).add(outcome);
    }
    groups.forEach(
        (group, of) ->
            lines.add(
                String.format(
                    Locale.ROOT,
                    "| %s | %d | %d | %.2f |",
                    group,
                    of.size(),
                    of.stream().filter(KernelCheck.Outcome::passed).count(),
                    of.stream()
                        .filter(outcome -> outcome.kernelCase().tolerance() > 0)
                        .mapToDouble(outcome -> outcome.worst() / outcome.kernelCase().tolerance())
                        .max()
                        .orElse(0))));
    outcomes.stream()
        .filter(outcome -> !outcome.passed())
        .forEach(outcome -> lines.add("\n`" + outcome + "`"));
  }

  void write() throws IOException {
    Files.createDirectories(folder);
    Files.writeString(file(), String.join("\n", lines) + "\n");
  }
}
