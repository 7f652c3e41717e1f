package io.batchwright.jobs.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.jobs.config.Recipe;
import io.batchwright.jobs.config.RecipeTree;
import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.JobRunner;
import io.batchwright.jobs.run.OnExisting;
import io.batchwright.jobs.run.RunRecord;
import io.batchwright.jobs.run.RunSettings;
import io.batchwright.jobs.run.StageBody;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * Runs {@code dedup} for one snapshot after another, each with its own output folder and run.json
 * in {@code DIR/SNAPSHOT}; snapshots that are done are skipped, so a stopped backfill goes on with
 * {@code --resume}.
 */
final class Backfill implements StageBody {
  static final String NAME = "backfill";
  private static final String ARTIFACT = "snapshot ";

  private final JobContext<PipelineRecipe> context;
  private final PipelineRecipe recipe;

  Backfill(JobContext<PipelineRecipe> context, PipelineRecipe recipe) {
    this.context = context;
    this.recipe = recipe;
  }

  @Override
  public StageReport run(StageContext stage) throws Exception {
    Configuration hadoop = stage.spark().sessionState().newHadoopConf();
    List<String> snapshots = snapshots(hadoop);
    long in = 0;
    long out = 0;
    Map<String, Long> dropped = new TreeMap<>();
    for (String snapshot : snapshots) {
      Path folder = new Path(stage.dir(), snapshot);
      PipelineRecipe one = recipe.of(snapshot, settings(folder));
      JobRunner.runOn(
          stage.spark(),
          PipelineJob.dedup(),
          new Recipe("backfill of " + snapshot, RecipeTree.toYaml(one)),
          List.of());
      ObjectNode record =
          RunRecord.read(folder, hadoop)
              .orElseThrow(() -> new IllegalStateException("no run.json in " + folder));
      JsonNode ledger = record.at("/ledger/" + DuplicatesStage.NAME);
      in += ledger.path("in").asLong();
      out += ledger.path("out").asLong();
      ledger
          .path("dropped")
          .properties()
          .forEach(e -> dropped.merge(e.getKey(), e.getValue().asLong(), Long::sum));
      stage.artifact(ARTIFACT + snapshot, snapshot);
      context
          .console()
          .line(
              String.format(
                  Locale.ROOT,
                  "  %s: kept %,d of %,d",
                  snapshot,
                  ledger.path("out").asLong(),
                  ledger.path("in").asLong()));
    }
    return StageReport.of(
            LedgerEntry.of(NAME, in, out).with(dropped, Map.of()),
            String.format(
                Locale.ROOT,
                "%d snapshots, %s to %s: kept %,d of %,d documents",
                snapshots.size(),
                snapshots.get(0),
                snapshots.get(snapshots.size() - 1),
                out,
                in))
        .withMetrics(Map.of("backfill_snapshots", (double) snapshots.size()));
  }

  /** The snapshots that the finished backfill of {@code record} made, in order. */
  static List<String> snapshots(ObjectNode record) {
    List<String> names = new ArrayList<>();
    record
        .path("artifacts")
        .properties()
        .forEach(
            artifact -> {
              if (artifact.getKey().startsWith(ARTIFACT)) {
                names.add(artifact.getValue().asText());
              }
            });
    return names.stream().sorted().toList();
  }

  private RunSettings settings(Path folder) {
    RunSettings run = recipe.run();
    return new RunSettings(
        folder.toString(), OnExisting.RESUME, run.master(), run.limit(), false, true, Map.of());
  }

  /** The snapshots that the sources' paths hold, in order. */
  private List<String> snapshots(Configuration hadoop) throws IOException {
    TreeSet<String> found = new TreeSet<>();
    List<String> patterns = new ArrayList<>();
    for (String path : SourcePaths.of(recipe.corpus().sources())) {
      if (path.contains(Placeholders.SNAPSHOT)) {
        patterns.add(path);
        found.addAll(names(path, hadoop));
      }
    }
    if (patterns.isEmpty()) {
      throw BatchwrightException.usage(
          "A backfill needs sources whose path holds {snapshot}, such as"
              + " hdfs:///crawl/day={snapshot}/*.parquet.");
    }
    List<String> wanted =
        found.stream()
            .filter(
                name ->
                    name.compareTo(recipe.index().from()) >= 0
                        && name.compareTo(recipe.index().to()) <= 0)
            .toList();
    if (wanted.isEmpty()) {
      throw BatchwrightException.data(
          "No snapshot from %s to %s is there in %s; found: %s."
              .formatted(recipe.index().from(), recipe.index().to(), patterns, found));
    }
    return wanted;
  }

  private static List<String> names(String pattern, Configuration hadoop) throws IOException {
    int at = pattern.indexOf(Placeholders.SNAPSHOT);
    int end = pattern.indexOf('/', at);
    String folders = end < 0 ? pattern : pattern.substring(0, end);
    Path glob = new Path(folders.replace(Placeholders.SNAPSHOT, "*"));
    FileStatus[] files = glob.getFileSystem(hadoop).globStatus(glob);
    String last = new Path(folders).getName();
    int inside = last.indexOf(Placeholders.SNAPSHOT);
    Pattern name =
        Pattern.compile(
            glob(last.substring(0, inside))
                + "([A-Za-z0-9][A-Za-z0-9._-]*?)"
                + glob(last.substring(inside + Placeholders.SNAPSHOT.length())));
    List<String> names = new ArrayList<>();
    for (FileStatus file : files == null ? new FileStatus[0] : files) {
      Matcher matcher = name.matcher(file.getPath().getName());
      if (matcher.matches()) {
        names.add(matcher.group(1));
      }
    }
    return names;
  }

  private static String glob(String text) {
    return text.isEmpty() ? "" : Pattern.quote(text).replace("*", "\\E.*\\Q");
  }
}
