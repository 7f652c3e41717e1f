package io.batchwright.jobs.model;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.corpus.CorpusTexts;
import io.batchwright.jobs.corpus.RunTokens;
import io.batchwright.jobs.run.Flag;
import io.batchwright.jobs.run.Job;
import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.JobGroup;
import io.batchwright.jobs.run.SparkSessions;
import io.batchwright.train.export.Encoder;
import io.batchwright.ui.Console;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a model: prints the documents of a corpus that answer a query best. Reads the corpus and
 * encodes it anew each time, without a Spark session; for a corpus beyond memory, {@code encode} it
 * and search the table of embeddings.
 */
public final class SearchJob implements Job<SearchRecipe> {
  private static final Logger LOG = LoggerFactory.getLogger(SearchJob.class);
  private static final int WIDTH = 100;
  private static final int LINES = 3;

  @Override
  public String name() {
    return "search";
  }

  @Override
  public String description() {
    return "Ask a model: the documents of a corpus that answer a query best";
  }

  @Override
  public JobGroup group() {
    return JobGroup.EVERYDAY;
  }

  @Override
  public Class<SearchRecipe> configType() {
    return SearchRecipe.class;
  }

  @Override
  public List<Flag> flags() {
    return List.of(
        new Flag("--model", "model", "the model folder"),
        new Flag("--corpus", "corpus", "the folder of a run, or Parquet or JSON lines files"),
        new Flag(
            "--truncate-dims", "truncateDims", "the first values of vectors that count; 0: all"),
        new Flag("--top", "top", "how many documents to show"),
        new Flag("query", "query", "what is asked"));
  }

  @Override
  public boolean keepsRun() {
    return false;
  }

  @Override
  public void run(JobContext<SearchRecipe> context) throws IOException {
    SearchRecipe recipe = context.config();
    if (recipe.query().isBlank()) {
      throw BatchwrightException.usage(
          "The query is empty: batchwright search --model DIR --corpus DIR \"reverse an array\".");
    }
    if (recipe.corpus().isBlank()) {
      throw BatchwrightException.usage("A corpus is needed: give --corpus DIR.");
    }
    long start = System.nanoTime();
    Configuration hadoop = SparkSessions.hadoop(recipe.run());
    ModelPath model = ModelPath.of(recipe.model(), hadoop);
    CompletableFuture<Encoder> opening =
        CompletableFuture.supplyAsync(() -> model.open(recipe.truncateDims()));
    CompletableFuture<RunTokens> tokens =
        CompletableFuture.supplyAsync(() -> tokens(recipe.corpus(), hadoop));
    CorpusTexts corpus;
    try {
      corpus = CorpusTexts.read(recipe.corpus(), hadoop);
    } catch (IOException | RuntimeException e) {
      close(opening);
      throw e;
    }
    try (Encoder encoder = opened(opening)) {
      List<TextSearch.Hit> hits =
          TextSearch.best(encoder, corpus, tokens.join(), recipe.query(), recipe.top());
      print(context.console(), hits);
      context
          .console()
          .line(
              String.format(
                  Locale.ROOT,
                  "%,d documents searched in %.1f s%s",
                  corpus.ids().size(),
                  (System.nanoTime() - start) / 1e9,
                  corpus.withoutText() == 0
                      ? ""
                      : String.format(
                          Locale.ROOT, "; %,d without a text left out", corpus.withoutText())));
    }
  }

  /** Whatever is wrong with them, the texts are there to be tokenized again. */
  private static RunTokens tokens(String corpus, Configuration hadoop) {
    try {
      return RunTokens.read(corpus, hadoop);
    } catch (IOException | RuntimeException e) {
      LOG.warn("The tokens of {} cannot be read", corpus, e);
      return RunTokens.NONE;
    }
  }

  private static Encoder opened(CompletableFuture<Encoder> opening) {
    try {
      return opening.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException known ? known : e;
    }
  }

  private static void close(CompletableFuture<Encoder> opening) {
    var unused =
        opening.handle(
            (encoder, failure) -> {
              if (encoder != null) {
                encoder.close();
              }
              return null;
            });
  }

  private static void print(Console console, List<TextSearch.Hit> hits) {
    int rank = 0;
    for (TextSearch.Hit hit : hits) {
      rank++;
      console.line(String.format(Locale.ROOT, "%3d  %.3f  %s", rank, hit.score(), hit.docId()));
      firstLines(hit.text()).forEach(line -> console.line("            " + line));
      console.line("");
    }
  }

  /** The first lines that say something, cut to the width of a terminal. */
  static List<String> firstLines(String text) {
    return text.lines()
        .map(line -> line.replace('\t', ' ').stripTrailing())
        .filter(line -> !line.isBlank())
        .limit(LINES)
        .map(
            line ->
                line.codePoints()
                    .filter(c -> !Character.isISOControl(c))
                    .limit(WIDTH)
                    .collect(
                        StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .append(line.codePointCount(0, line.length()) > WIDTH ? " ..." : "")
                    .toString())
        .toList();
  }
}
