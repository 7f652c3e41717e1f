package io.batchwright.jobs.run;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.length;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.technique.Check;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** A job of two stages: reads lines, then keeps the long ones. */
public final class LinesJob implements Job<LinesJob.Recipe> {
  /** What goes wrong, where a test wants it. */
  public interface Trouble {
    void strike(String stage) throws Exception;
  }

  /** The recipe. */
  public record Recipe(RunSettings run, long seed, String input, int minLength, long lost)
      implements JobConfig {
    public static final Recipe DEFAULTS = new Recipe(RunSettings.DEFAULTS, 1, "lines.txt", 3, 0);

    public Recipe {
      Check.atLeast("Recipe.minLength", minLength, 0);
    }
  }

  private final Trouble trouble;

  /** A job that {@code trouble} meets once a stage has committed its table. */
  public LinesJob(Trouble trouble) {
    this.trouble = trouble;
  }

  @Override
  public String name() {
    return "lines";
  }

  @Override
  public String description() {
    return "keeps the long lines";
  }

  @Override
  public JobGroup group() {
    return JobGroup.EVERYDAY;
  }

  @Override
  public Class<Recipe> configType() {
    return Recipe.class;
  }

  @Override
  public List<Flag> flags() {
    return List.of(new Flag("--min", "minLength", "shortest line to keep"));
  }

  @Override
  public List<String> inputs(Recipe config) {
    return List.of(config.input());
  }

  @Override
  public List<String> stages(Recipe config) {
    return List.of("read", "filter");
  }

  @Override
  public void run(JobContext<Recipe> context) throws Exception {
    Recipe config = context.config();
    context.stages().run("read", "read", "", stage -> read(stage, config));
    context
        .stages()
        .run(
            "filter", "filter", Fingerprint.of(config.minLength()), stage -> filter(stage, config));
  }

  private StageReport read(StageContext stage, Recipe config) throws Exception {
    stage.commit("lines", stage.spark().read().text(config.input()));
    trouble.strike("read");
    long rows = stage.rows("lines");
    return StageReport.of(LedgerEntry.of("read", rows, rows), rows + " lines");
  }

  private StageReport filter(StageContext stage, Recipe config) throws Exception {
    Dataset<Row> lines = stage.read("lines");
    long in = stage.rows("lines");
    stage.commit("kept", lines.where(length(col("value")).geq(config.minLength())));
    trouble.strike("filter");
    long out = stage.rows("kept");
    stage.artifact("kept", "tables/kept");
    return StageReport.of(
            LedgerEntry.of("filter", in, out)
                .with(Map.of("short", in - out - config.lost()), Map.of()),
            out + " kept")
        .withMetrics(Map.of("kept_share", (double) out / in, "nothing", Double.NaN))
        .withDetails(JsonNodeFactory.instance.objectNode().put("minLength", config.minLength()));
  }
}
