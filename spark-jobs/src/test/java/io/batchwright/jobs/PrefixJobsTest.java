package io.batchwright.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.data.token.Tokenizer;
import io.batchwright.jobs.corpus.CorpusTexts;
import io.batchwright.jobs.corpus.RunTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shorter jobs and the whole pipeline, in one folder; a dry run; a comparison. */
@Tag("slow")
class PrefixJobsTest {
  private static final String RECIPE = System.getProperty("batchwright.root") + "/conf/smoke.yaml";

  private static SparkSession spark;

  @TempDir static Path folder;

  @BeforeAll
  static void openSession() {
    spark = TestSession.open();
  }

  @AfterAll
  static void closeSession() {
    spark.stop();
  }

  @Test
  void eachJobGoesOnFromTheShorterOneAndADryRunIsComparable() throws IOException {
    Path pairs = pairs(160);
    Path out = folder.resolve("run");

    assertThat(run("dedup", pairs, out).out()).contains("2/2 duplicates").doesNotContain("skipped");
    String first = CommandLineRun.record(out).path("run_id").asText();

    CommandLineRun prepared = run("prepare", pairs, out);
    assertThat(prepared.out().lines().filter(line -> line.contains("done before, skipped")))
        .hasSize(2);
    JsonNode record = CommandLineRun.record(out);
    assertThat(record.path("job").asText()).isEqualTo("prepare");
    assertThat(record.path("resumed_from").asText()).isEqualTo(first).startsWith("dedup-");

    assertThat(skipped(run("train", pairs, out))).isEqualTo(6);
    String weights = CommandLineRun.record(out).path("weights_sha256").asText();

    assertThat(skipped(run("pipeline", pairs, out))).isEqualTo(7);
    record = CommandLineRun.record(out);
    assertThat(record.path("job").asText()).isEqualTo("pipeline");
    assertThat(record.path("status").asText()).isEqualTo("done");
    assertThat(record.path("weights_sha256").asText()).isEqualTo(weights).hasSize(64);
    List<String> stages = new ArrayList<>();
    record.path("ledger").fieldNames().forEachRemaining(stages::add);
    assertThat(stages)
        .containsExactly(
            "corpus", "duplicates", "split", "tokens", "buckets", "plan", "train", "evaluate");
    assertThat(CommandLineRun.balanced(record)).isTrue();
    assertThat(record.at("/metrics/ndcg10_model").isNumber()).isTrue();
    assertThat(run("pipeline", pairs, out).out()).contains("Nothing to do");

    CommandLineRun shorter = CommandLineRun.of(arguments("dedup", pairs, out));
    assertThat(shorter.code()).isEqualTo(2);
    assertThat(shorter.err()).contains("job: pipeline there, dedup now");

    searchTakesTheRunsTokens(out);
    dryRun(pairs, out);
  }

  private static void searchTakesTheRunsTokens(Path out) throws IOException {
    Configuration hadoop = new Configuration();
    CorpusTexts corpus = CorpusTexts.read(out.toString(), hadoop);
    RunTokens tokens = RunTokens.read(out.toString(), hadoop);
    String json = Files.readString(out.resolve("model/0_StaticEmbedding/tokenizer.json"));
    assertThat(tokens.byDocument().keySet()).containsExactlyInAnyOrderElementsOf(corpus.ids());
    try (Tokenizer tokenizer = Tokenizer.load(json)) {
      assertThat(tokens.tokenizerSha256()).isEqualTo(tokenizer.sha256());
      for (int i = 0; i < corpus.ids().size(); i++) {
        assertThat(tokens.byDocument().get(corpus.ids().get(i)))
            .isEqualTo(tokenizer.encode(corpus.texts().get(i)));
      }
    }
    CommandLineRun found =
        CommandLineRun.of(
            "search", "--model", out, "--corpus", out, corpus.texts().get(0), "--top", "3");
    assertThat(found.out()).contains("documents searched in");
  }

  private void dryRun(Path pairs, Path out) throws IOException {
    CommandLineRun dry = run("pipeline", pairs, out, "--dry-run", "--limit", "240");
    assertThat(dry.out()).contains("8/8 evaluate");
    Path dryOut = folder.resolve("run-dry-run");
    JsonNode record = CommandLineRun.record(dryOut);
    assertThat(record.at("/ledger/corpus/dropped/beyond_limit").asInt()).isPositive();
    assertThat(record.at("/metrics/documents_in").asInt()).isEqualTo(240);
    assertThat(dryOut.resolve("report.html")).exists();

    CommandLineRun compared = CommandLineRun.of("compare", out, dryOut);
    assertThat(compared.code()).as(compared.err()).isZero();
    assertThat(compared.out())
        .containsPattern("run\\.dryRun +false +true")
        .containsPattern("corpus\\.dropped\\.beyond_limit")
        .containsPattern("documents_in +320\\.000 +240\\.000 +-80")
        .containsPattern("model ndcg10 +[-+]0\\.\\d+ +\\[")
        .containsPattern("over the \\d+ queries that both runs have");
  }

  @Test
  void printConfigShowsEachValueWithItsOriginAndRunsNothing() {
    Path out = folder.resolve("none");
    CommandLineRun run =
        CommandLineRun.of(
            "pipeline",
            "--recipe",
            RECIPE,
            "--set",
            "corpus.sources[0].path=mine.jsonl",
            "--set",
            "train.epochs=3",
            "--out",
            out,
            "--print-config");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .containsPattern("path: mine\\.jsonl +# --set")
        .containsPattern("epochs: 3 +# --set")
        .containsPattern("heldOutShare: 0\\.2 +# .*smoke\\.yaml:\\d+")
        .containsPattern("beta1: 0\\.9 +# ");
    assertThat(out).doesNotExist();
  }

  @Test
  void dedupAnnotatesWithoutRewritingDocuments() throws IOException {
    Path pairs = pairs(30);
    Path out = folder.resolve("annotated");
    CommandLineRun run = run("dedup", pairs, out, "--set", "deduplicate.output=annotate");

    assertThat(run.out()).contains("annotated; would remove");
    assertThat(out.resolve("tables/annotations")).isDirectory();
    assertThat(out.resolve("tables/documents")).doesNotExist();
    JsonNode ledger = CommandLineRun.record(out).path("ledger").path("duplicates");
    assertThat(ledger.path("out").asLong()).isEqualTo(ledger.path("in").asLong());

    CommandLineRun refused =
        CommandLineRun.of(
            arguments(
                "prepare",
                pairs,
                folder.resolve("refused"),
                "--set",
                "deduplicate.output=annotate"));
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("deduplicate.output must be filter");
  }

  private static long skipped(CommandLineRun run) {
    return run.out().lines().filter(line -> line.contains("done before, skipped")).count();
  }

  private static CommandLineRun run(String job, Path pairs, Path out, String... more) {
    Object[] arguments = arguments(job, pairs, out, more);
    CommandLineRun run = CommandLineRun.of(arguments);
    assertThat(run.code()).as(job + ": " + run.err()).isZero();
    return run;
  }

  private static Object[] arguments(String job, Path pairs, Path out, String... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of(
                job, "--recipe", RECIPE, "--set", "corpus.sources[0].path=" + pairs, "--out", out));
    arguments.addAll(List.of(more));
    return arguments.toArray();
  }

  private static Path pairs(int count) throws IOException {
    Random random = new Random(3);
    List<String> words =
        List.of("amber basil cedar delta ember fjord grove haven inlet jetty knoll".split(" "));
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      String one = words.get(random.nextInt(words.size()));
      String two = words.get(random.nextInt(words.size()));
      lines.append(
          "{\"query\": \"where is %s %s %d\", \"pos\": [\"The %s by the %s of house %d stands.\"],"
                  .formatted(one, two, i, one, two, i)
              + " \"neg\": [\"Nothing about house %d, but %s all the same.\"]}%n"
                  .formatted(i + 1000, two));
    }
    return Files.writeString(folder.resolve("pairs.jsonl"), lines);
  }
}
