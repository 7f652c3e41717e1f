package io.batchwright.jobs.javadoc;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.ledger.Reasons;
import io.batchwright.jobs.corpus.ReadCorpus;
import io.batchwright.jobs.run.Fingerprint;
import io.batchwright.jobs.run.Flag;
import io.batchwright.jobs.run.Job;
import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.JobGroup;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Makes the documentation corpus: documents, queries, qrels. */
public final class JavadocCorpusJob implements Job<JavadocCorpusRecipe> {
  private static final String CORPUS = "corpus";

  @Override
  public void run(JobContext<JavadocCorpusRecipe> context) throws Exception {
    JavadocCorpusRecipe recipe = context.config();
    context
        .stages()
        .run(CORPUS, "corpus", Fingerprint.of(recipe.source()), stage -> read(stage, recipe));
  }

  private static StageReport read(StageContext context, JavadocCorpusRecipe recipe) {
    ReadCorpus read = ReadCorpus.commit(context, List.of(recipe.source()), "", tables -> tables);
    read.requireUsable("maximumQuarantineShare", recipe.maximumQuarantineShare());
    for (String table : List.of("documents", "queries", "qrels")) {
      context.artifact(table, "tables/" + table);
    }
    return StageReport.of(
            read.ledger(),
            String.format(
                Locale.ROOT,
                "%,d methods of %,d artifacts, %,d queries; %,d dropped, %,d quarantined",
                read.ledger().out(),
                Reasons.by(read.tables().documents(), "source").size(),
                context.rows("queries"),
                read.ledger().droppedTotal(),
                read.ledger().quarantinedTotal()))
        .withMetrics(
            Map.of(
                "documents", (double) read.ledger().out(),
                "queries", (double) context.rows("queries")));
  }

  @Override
  public String name() {
    return "javadoc-corpus";
  }

  @Override
  public String description() {
    return "Make (description, method) pairs of -sources jars";
  }

  @Override
  public JobGroup group() {
    return JobGroup.BUILDERS;
  }

  @Override
  public Class<JavadocCorpusRecipe> configType() {
    return JavadocCorpusRecipe.class;
  }

  @Override
  public List<Flag> flags() {
    return List.of(
        new Flag("--jars", "source.jarsDir", "a folder of ARTIFACT-VERSION-sources.jar files"));
  }

  @Override
  public List<String> inputs(JavadocCorpusRecipe recipe) {
    if (recipe.run().rowLimit() > 0) {
      throw BatchwrightException.usage(
          "javadoc-corpus reads whole jars; take fewer files by source.samples instead of --limit"
              + " or --dry-run.");
    }
    return recipe.source().paths();
  }

  @Override
  public List<String> stages(JavadocCorpusRecipe recipe) {
    return List.of(CORPUS);
  }
}
