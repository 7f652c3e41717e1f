package io.batchwright.jobs.bench;

import io.batchwright.jobs.javadoc.JavadocSource;
import io.batchwright.jobs.run.JobConfig;
import io.batchwright.jobs.run.RunSettings;
import io.batchwright.technique.Check;
import java.util.List;

/**
 * What is measured.
 *
 * @param run where and how to run
 * @param seed the seed of every planted edit and draw
 * @param area the benchmark, such as {@code dedup}
 * @param tier how much of it
 * @param scale multiplies the size of every data set, in (0, 100]
 * @param jars a folder of {@code ARTIFACT-VERSION-sources.jar} files; empty for the build's own
 * @param data a folder of further data sets; rows that need them say so where it is empty
 * @param sections the parts of the area to run; empty for all
 * @param trials which trainings {@code bench negatives} runs
 */
public record BenchRecipe(
    RunSettings run,
    long seed,
    String area,
    Tier tier,
    double scale,
    String jars,
    String data,
    List<String> sections,
    TrialsRecipe trials)
    implements JobConfig {
  /** The quick tier on the build's jars; the area must be named. */
  public static final BenchRecipe DEFAULTS =
      new BenchRecipe(
          RunSettings.DEFAULTS, 1, "", Tier.QUICK, 1, "", "", List.of(), TrialsRecipe.DEFAULTS);

  public BenchRecipe {
    Check.range("BenchRecipe.scale", scale, 0, false, 100, true);
    sections = List.copyOf(sections);
  }

  /** The folder of -sources jars: {@code jars}, else what the launcher says, else the build's. */
  public String jarsDir() {
    if (!jars.isEmpty()) {
      return jars;
    }
    String launcher = System.getProperty("batchwright.sources", "");
    return launcher.isEmpty() ? JavadocSource.DEFAULTS.jarsDir() : launcher;
  }

  /** {@code quick} or {@code full}, whichever the tier is, times the scale, at least 1. */
  public int size(int quick, int full) {
    return (int) Math.max(1, Math.round((tier == Tier.FULL ? full : quick) * scale));
  }
}
