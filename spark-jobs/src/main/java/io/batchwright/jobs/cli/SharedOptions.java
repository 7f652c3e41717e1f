package io.batchwright.jobs.cli;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.config.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** The flags that every job with a recipe has; each one sets a recipe key. */
final class SharedOptions {
  private static final Pattern ASSIGNMENT = Pattern.compile("(?s)([^=\\s]+)=(.*)");

  @Option(names = "--recipe", paramLabel = "FILE", description = "the recipe (YAML)")
  private String recipe = "";

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "lay one value over the recipe, such as train.steps=200; repeatable")
  private List<String> set = List.of();

  @Option(
      names = "--conf",
      paramLabel = "spark.key=value",
      description = "a setting of the Spark session (recipe key run.spark); repeatable")
  private List<String> conf = List.of();

  @Option(names = "--master", paramLabel = "URL", description = "the Spark master (run.master)")
  private String master;

  @Option(names = "--out", paramLabel = "DIR", description = "the output folder (run.out)")
  private String out;

  @Option(
      names = "--resume",
      description =
          "continue an unfinished run of the same recipe, perhaps with other train.ranks"
              + " (run.onExisting: resume)")
  private boolean resume;

  @Option(
      names = "--overwrite",
      description =
          "replace an earlier run's folder once the new output is complete (run.onExisting:"
              + " overwrite)")
  private boolean overwrite;

  @Option(names = "--quiet", description = "plain lines, no progress bars (run.quiet)")
  private boolean quiet;

  @Option(
      names = "--print-config",
      description = "print every resolved value with its origin, and run nothing")
  private boolean printConfig;

  @Option(
      names = "--dry-run",
      description =
          "run the whole path on few rows (1,000, or --limit), into DIR-dry-run (run.dryRun)")
  private boolean dryRun;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "use the first N rows of each source (run.limit)")
  private Long limit;

  String recipe() {
    return recipe;
  }

  boolean printConfig() {
    return printConfig;
  }

  /** The flags as settings; {@code --set} comes first, so that a named flag wins over it. */
  List<Setting> settings() {
    List<Setting> settings = new ArrayList<>();
    set.forEach(text -> settings.add(assignment("--set", "", text)));
    conf.forEach(text -> settings.add(spark(text)));
    add(settings, "run.master", master, "--master");
    add(settings, "run.out", out, "--out");
    if (resume && overwrite) {
      throw BatchwrightException.usage("--resume and --overwrite exclude each other.");
    }
    add(settings, "run.onExisting", resume ? "resume" : null, "--resume");
    add(settings, "run.onExisting", overwrite ? "overwrite" : null, "--overwrite");
    add(settings, "run.quiet", quiet ? "true" : null, "--quiet");
    add(settings, "run.dryRun", dryRun ? "true" : null, "--dry-run");
    add(settings, "run.limit", limit == null ? null : limit.toString(), "--limit");
    return settings;
  }

  private static void add(List<Setting> settings, String key, String value, String origin) {
    if (value != null) {
      settings.add(Setting.text(key, value, origin));
    }
  }

  private static Setting assignment(String flag, String prefix, String text) {
    Matcher matcher = ASSIGNMENT.matcher(text);
    if (!matcher.matches()) {
      throw BatchwrightException.usage(flag + " " + text + ": expected key=value");
    }
    return new Setting(prefix + matcher.group(1), matcher.group(2), flag);
  }

  private static Setting spark(String text) {
    Setting setting = assignment("--conf", "run.spark.", text);
    return Setting.text(setting.key(), setting.value(), setting.origin());
  }
}
