package io.batchwright.jobs.bench;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.run.BenchRecord;
import io.batchwright.jobs.run.Flag;
import io.batchwright.jobs.run.Job;
import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.JobGroup;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;

/** Measures one area and leaves {@code run.json} and {@code bench.md}. */
public final class BenchJob implements Job<BenchRecipe> {
  private static final String PAGE = "bench.md";

  private final List<BenchArea> areas;

  /** The benchmarks of {@code areas}. */
  public BenchJob(List<BenchArea> areas) {
    this.areas = List.copyOf(areas);
  }

  @Override
  public void run(JobContext<BenchRecipe> context) throws Exception {
    BenchRecipe recipe = context.config();
    BenchArea area = area(recipe);
    Bench bench = new Bench(context);
    try {
      for (String section : sections(area, recipe)) {
        long start = System.nanoTime();
        area.sections().get(section).measure(bench);
        bench.say("%-10s %.0f s", section, (System.nanoTime() - start) / 1e9);
      }
    } finally {
      bench.removeWork();
    }
    area.metrics()
        .forEach(name -> bench.notMeasured(name, "the sections of this run do not measure it"));
    BenchRecord record = BenchRecord.here(area.name(), bench.figures());
    record.publish(context.record());
    bench.missing().forEach(context.record()::notMeasured);
    String page = BenchPage.of(record, recipe, bench.tables(), bench.missing());
    write(context, page);
    context.record().artifact("bench", PAGE);
    for (String name : area.metrics()) {
      record.figures().stream()
          .filter(figure -> figure.name().equals(name))
          .forEach(figure -> bench.say("%-34s %s", name, BenchPage.number(figure.median())));
    }
    bench.say("Page      %s", new Path(context.dir(), PAGE));
  }

  private static void write(JobContext<BenchRecipe> context, String page) throws IOException {
    Path file = new Path(context.dir(), PAGE);
    try (OutputStream out =
        file.getFileSystem(context.spark().sessionState().newHadoopConf()).create(file, true)) {
      out.write(page.getBytes(StandardCharsets.UTF_8));
    }
  }

  private BenchArea area(BenchRecipe recipe) {
    return areas.stream()
        .filter(area -> area.name().equals(recipe.area()))
        .findFirst()
        .orElseThrow(
            () ->
                BatchwrightException.usage(
                    "bench %s: there is no such area; the areas are:%n%s"
                        .formatted(
                            recipe.area().isEmpty() ? "(none named)" : recipe.area(),
                            areas.stream()
                                .map(area -> "  %s: %s".formatted(area.name(), area.description()))
                                .collect(Collectors.joining(System.lineSeparator())))));
  }

  private static List<String> sections(BenchArea area, BenchRecipe recipe) {
    for (String section : recipe.sections()) {
      if (!area.sections().containsKey(section)) {
        throw BatchwrightException.usage(
            "BenchRecipe.sections: %s has no section %s; it has %s."
                .formatted(area.name(), section, area.sections().keySet()));
      }
    }
    return area.sections().keySet().stream()
        .filter(section -> recipe.sections().isEmpty() || recipe.sections().contains(section))
        .toList();
  }

  @Override
  public String name() {
    return "bench";
  }

  @Override
  public String description() {
    return "Measure an area: "
        + areas.stream().map(BenchArea::name).collect(Collectors.joining(", "));
  }

  @Override
  public JobGroup group() {
    return JobGroup.BUILDERS;
  }

  @Override
  public Class<BenchRecipe> configType() {
    return BenchRecipe.class;
  }

  @Override
  public List<Flag> flags() {
    return List.of(
        new Flag("area", "area", "what to measure"),
        new Flag("--tier", "tier", "quick or full"),
        new Flag("--scale", "scale", "multiplies the size of every data set"),
        new Flag("--data", "data", "a folder of further data sets"),
        new Flag("--jars", "jars", "a folder of -sources jars, else the build's own"));
  }

  @Override
  public List<String> inputs(BenchRecipe recipe) {
    sections(area(recipe), recipe);
    if (recipe.run().rowLimit() > 0) {
      throw BatchwrightException.usage(
          "bench measures whole data sets; make them smaller by --scale instead of --limit or"
              + " --dry-run.");
    }
    List<String> inputs = new ArrayList<>(List.of(recipe.jarsDir()));
    if (!recipe.data().isEmpty()) {
      inputs.add(recipe.data());
    }
    return inputs;
  }
}
