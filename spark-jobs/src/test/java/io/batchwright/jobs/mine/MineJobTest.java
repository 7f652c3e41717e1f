package io.batchwright.jobs.mine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.jobs.CommandRun;
import io.batchwright.jobs.TestSession;
import io.batchwright.jobs.model.WordModel;
import io.batchwright.jobs.run.RunSettings;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.jobs.run.SparkSessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MineJobTest {
  private static final StructType SCHEMA =
      new StructType()
          .add("kind", DataTypes.StringType)
          .add("id", DataTypes.StringType)
          .add("embedding", DataTypes.createArrayType(DataTypes.FloatType));

  private static SparkSession spark;
  @TempDir static Path folder;
  private static Path corpus;
  private static Path embeddings;

  @BeforeAll
  static void prepare() throws IOException {
    spark = TestSession.open();
    corpus = folder.resolve("corpus");
    SmallMine.writeCorpus(corpus);
    embeddings = folder.resolve("embeddings");
    // Sorting points to the right, files point up; d2 is a little off d1, d3 more.
    write(embeddings, vectors());
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  static List<Row> vectors() {
    return new ArrayList<>(
        List.of(
            row("query", "q1", 1, 0.02),
            row("query", "q2", 0.1, 1),
            row("query", "q3", 1, 0.1),
            row("query", "q4", -1, 0),
            row("document", "d1", 1, 0.05),
            row("document", "d2", 1, 0.1),
            row("document", "d3", 1, 0.7),
            row("document", "d4", 0, 1),
            row("document", "d5", 0.2, 1),
            row("document", "d6", 1, 0.05),
            row("document", "d7", 0, 0)));
  }

  static Row row(String kind, String id, double x, double y) {
    return RowFactory.create(kind, id, new float[] {(float) x, (float) y});
  }

  static void write(Path path, List<Row> rows) {
    spark.createDataFrame(rows, SCHEMA).write().parquet(path.toString());
  }

  private static Dataset<Row> table(Path out, String name) {
    return RunTables.of(out.toString(), SparkSessions.hadoop(RunSettings.DEFAULTS))
        .orElseThrow()
        .read(spark, name);
  }

  private static List<String> negatives(Path out) {
    return table(out, "negatives").orderBy("query_id", "rank").collectAsList().stream()
        .map(row -> row.getString(0) + ">" + row.getString(1))
        .toList();
  }

  @Test
  void negativesAreNearAndAnswerNothing() throws IOException {
    Path out = folder.resolve("mined");
    CommandRun run = SmallMine.mine(corpus, embeddings, out, "--set", "selection.perQuery=2");
    assertThat(run.exitCode()).isZero();
    JsonNode record = CommandRun.record(out);
    // 4 queries and 7 documents; q4 has no answer, d7 has no direction.
    assertThat(record.at("/ledger/candidates/in").asLong()).isEqualTo(11);
    assertThat(record.at("/ledger/candidates/out").asLong()).isEqualTo(9);
    assertThat(record.at("/ledger/candidates/dropped/no_positive").asLong()).isEqualTo(1);
    assertThat(record.at("/ledger/candidates/dropped/zero_vector").asLong()).isEqualTo(1);
    // 3 queries x 6 documents.
    assertThat(record.at("/ledger/negatives/in").asLong()).isEqualTo(18);
    // q1 and q3 say the same, so d1 and d2 answer both, and d6 is a copy of d1.
    assertThat(record.at("/ledger/negatives/dropped/known_positive").asLong()).isEqualTo(6);
    assertThat(record.at("/ledger/negatives/dropped/same_answer").asLong()).isEqualTo(2);
    assertThat(negatives(out))
        .containsExactly("q1>d3", "q1>d5", "q2>d3", "q2>d2", "q3>d3", "q3>d5");
    assertThat(record.at("/metrics/mine_complete_share").asDouble()).isEqualTo(1);
    assertThat(record.at("/not_measured/mine_guide_disagrees_share").asText())
        .isEqualTo("there is no guide");
    assertThat(Files.readString(out.resolve("mined.md")))
        .contains("## 3 rows to read", "**sorting** (q1)", "(d3): reverse an array", "same_answer");

    Row pair = table(out, "mined_pairs").where("query_id = 'q2'").head();
    assertThat(pair.<Row>getList(2).stream().map(row -> row.getString(0)))
        .containsExactly("d4", "d5");
    assertThat(pair.<Row>getList(3).stream().map(row -> row.getString(1)))
        .containsExactly("reverse an array", "sort a list");
    otherSettingsNeedNoSearchAndAGuideIsHeard(out);
    pairsLeaveAsAnotherTrainerReadsThem(out);
  }

  private static void pairsLeaveAsAnotherTrainerReadsThem(Path mined) throws IOException {
    Path out = folder.resolve("exported");
    CommandRun run =
        SmallMine.run(
            "export-pairs",
            "--input",
            mined.toString(),
            "--format",
            "msmarco-tsv",
            "--out",
            out.toString());
    assertThat(run.err()).isEmpty();
    assertThat(Files.readAllLines(out.resolve("pairs/qidpidtriples.train.tsv")))
        .containsExactly(
            "q1\td1\td3",
            "q1\td1\td5",
            "q2\td4\td3",
            "q2\td4\td2",
            "q2\td5\td3",
            "q2\td5\td2",
            "q3\td2\td3",
            "q3\td2\td5");
    assertThat(Files.readAllLines(out.resolve("pairs/collection.tsv")))
        .hasSize(5)
        .isSorted()
        .contains("d3\treverse an array");
    assertThat(CommandRun.record(out).at("/ledger/export/expanded").asLong()).isEqualTo(5);
  }

  private static void otherSettingsNeedNoSearchAndAGuideIsHeard(Path first) throws IOException {
    List<Row> guided = vectors();
    guided.set(6, row("document", "d3", 1, 0.02)); // the guide takes d3 for the answer of q1
    Path guide = folder.resolve("guide");
    write(guide, guided);

    Path again = folder.resolve("again");
    CommandRun run =
        SmallMine.run(
            "mine",
            "--input",
            corpus.toString(),
            "--candidates-from",
            first.toString(),
            "--guide",
            guide.toString(),
            "--set",
            "selection.filters=[{name: KnownPositives}, {name: SameAnswer}, {name: GuideDisagreement}]",
            "--out",
            again.toString());
    assertThat(run.err()).isEmpty();
    JsonNode record = CommandRun.record(again);
    assertThat(record.at("/ledger").has("candidates")).isFalse();
    assertThat(record.at("/ledger/negatives/dropped/guide_disagrees").asLong()).isPositive();
    assertThat(negatives(again)).doesNotContain("q1>d3").contains("q2>d3");
    assertThat(record.at("/metrics/mine_guide_disagrees_share").asDouble()).isPositive();
    assertThat(Files.readString(again.resolve("mined.md"))).contains("of the answer");
    scoresInPlaceOfTheMiners(first);
  }

  /** A judge for whom d5 answers q1 well, and d3 as well as d1 and d2, which answer its text. */
  private static void scoresInPlaceOfTheMiners(Path first) {
    StructType schema =
        new StructType()
            .add("query_id", DataTypes.StringType)
            .add("doc_id", DataTypes.StringType)
            .add("score", DataTypes.DoubleType);
    List<Row> scores = new ArrayList<>();
    for (String query : List.of("q1", "q2", "q3")) {
      for (int document = 1; document <= 6; document++) {
        double score = document == 5 ? 8.5 : document <= 3 ? 9 : 2;
        scores.add(RowFactory.create(query, "d" + document, score));
      }
    }
    Path judge = folder.resolve("judge");
    spark.createDataFrame(scores, schema).write().parquet(judge.toString());
    Path out = folder.resolve("rescored");
    CommandRun run = rescored(first, judge, out);
    assertThat(run.err()).isEmpty();
    // d3 is at more than 95 % of the 9 of d1 and d2, the answers of q1 and q3; d4, d5 answer q2.
    assertThat(negatives(out)).containsSubsequence("q1>d5", "q1>d4").doesNotContain("q1>d3");
    assertThat(table(out, "negatives").where("doc_id = 'd5'").head().<Float>getAs("score"))
        .isEqualTo(8.5f);

    Path few = folder.resolve("judge-of-few");
    spark.createDataFrame(scores.subList(1, 18), schema).write().parquet(few.toString());
    run = rescored(first, few, folder.resolve("rescored-in-part"));
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("rescore lack 1 pairs, such as that of q1 and d1");
  }

  @Test
  @Tag("slow")
  void asManyCandidatesAreKeptAsASelectionLooksAt() throws IOException {
    Path first = folder.resolve("narrow");
    SmallMine.mine(
        corpus,
        embeddings,
        first,
        "--set",
        "candidates=1",
        "--set",
        "selection.rangeMax=2",
        "--set",
        "selection.perQuery=1");
    // Two options and the two documents that answer one text may take, for each of three queries.
    assertThat(table(first, "mined_candidates").count()).isEqualTo(3 * 4);
    assertThat(CommandRun.record(first).at("/metrics/mine_candidates_per_query").asInt())
        .isEqualTo(4);
    Path again = folder.resolve("wider");
    CommandRun run =
        SmallMine.run(
            "mine",
            "--input",
            corpus.toString(),
            "--candidates-from",
            first.toString(),
            "--out",
            again.toString());
    assertThat(run.err()).isEmpty();
    String cut =
        "the selection looks at 44 candidates of a query, of which %s kept 4; 3 queries have fewer"
            + " than 4 negatives: mine again with --set candidates=44";
    assertThat(run.out()).contains("WARNING: " + cut.formatted(first));
    assertThat(Files.readString(again.resolve("mined.md"))).contains(cut.formatted(first));
    assertThat(Files.readString(first.resolve("mined.md"))).doesNotContain("mine again");
  }

  private static CommandRun rescored(Path first, Path scores, Path out) {
    return SmallMine.run(
        "mine",
        "--input",
        corpus.toString(),
        "--candidates-from",
        first.toString(),
        "--set",
        "rescore=" + scores,
        "--out",
        out.toString());
  }

  @Test
  void bm25MinesAndJudgesWithoutAModel() throws IOException {
    Path mined = folder.resolve("lexical");
    CommandRun run =
        SmallMine.run(
            "mine", "--input", corpus.toString(), "--bm25", "miner", "--out", mined.toString());
    assertThat(run.err()).isEmpty();
    // "sort" stands in d1, d2 and d6, "open" in d4.
    assertThat(
            table(mined, "mined_candidates").orderBy("query_id", "doc_id").collectAsList().stream()
                .map(row -> row.getString(0) + ">" + row.getString(1)))
        .containsExactly("q1>d1", "q1>d2", "q1>d6", "q2>d4", "q3>d1", "q3>d2", "q3>d6");
    assertThat(negatives(mined)).isEmpty();

    Path judged = folder.resolve("judged");
    run =
        SmallMine.mine(
            corpus,
            embeddings,
            judged,
            "--bm25",
            "guide",
            "--set",
            "selection.filters=[{name: KnownPositives}, {name: GuideDisagreement}]");
    assertThat(run.exitCode()).isZero();
    JsonNode record = CommandRun.record(judged);
    // To BM25 d6 is as good an answer as d1, not better.
    assertThat(negatives(judged)).contains("q1>d6");
    assertThat(record.at("/ledger/negatives/dropped/guide_disagrees").asLong()).isZero();
    assertThat(
            table(judged, PairScoreTable.TABLE)
                .where("query_id = 'q2' AND doc_id = 'd5'")
                .head()
                .getFloat(2))
        .isZero();
    run =
        SmallMine.run(
            "mine",
            "--input",
            corpus.toString(),
            "--embeddings",
            "x",
            "--bm25",
            "miner",
            "--out",
            "y");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("bm25.use must not be miner where embeddings or candidatesFrom");
  }

  @Test
  @Tag("slow")
  void queriesAndDocumentsMayStandInFilesOfTheirOwn() throws IOException {
    Path queries = folder.resolve("vectors-of-queries");
    Path documents = folder.resolve("vectors-of-documents");
    Dataset<Row> both = spark.createDataFrame(vectors(), SCHEMA);
    both.where("kind = 'query'").drop("kind").write().parquet(queries.toString());
    both.where("kind = 'document'").drop("kind").write().parquet(documents.toString());
    Path out = folder.resolve("apart");
    SmallMine.mine(
        corpus,
        queries,
        out,
        "--set",
        "documentEmbeddings=" + documents,
        "--set",
        "selection.perQuery=2");
    assertThat(negatives(out))
        .containsExactly("q1>d3", "q1>d5", "q2>d3", "q2>d2", "q3>d3", "q3>d5");
  }

  @Test
  @Tag("slow")
  void scoresOfAGuideAreHeardAndChecked() throws IOException {
    Path first = folder.resolve("unguided");
    SmallMine.mine(corpus, embeddings, first);
    StructType schema =
        new StructType()
            .add("query_id", DataTypes.StringType)
            .add("doc_id", DataTypes.StringType)
            .add("score", DataTypes.DoubleType);
    // The guide takes d3 for a better answer of q1 than d1, and says nothing of other queries.
    List<Row> scores =
        new ArrayList<>(
            List.of(
                RowFactory.create("q1", "d1", 0.5),
                RowFactory.create("q1", "d3", 0.75),
                RowFactory.create("q1", "d4", 0.25)));
    Path guide = folder.resolve("guide-scores");
    spark.createDataFrame(scores, schema).write().parquet(guide.toString());
    Path out = folder.resolve("guided-by-scores");
    CommandRun run = guidedByScores(first, guide, out);
    assertThat(run.err()).isEmpty();
    assertThat(negatives(first)).contains("q1>d3", "q1>d4", "q2>d3");
    assertThat(negatives(out)).contains("q1>d4", "q2>d3").doesNotContain("q1>d3");

    Path unnamed = folder.resolve("guide-scores-unnamed");
    spark
        .createDataFrame(scores, schema)
        .withColumnRenamed("score", "logit")
        .write()
        .parquet(unnamed.toString());
    run = guidedByScores(first, unnamed, folder.resolve("unnamed"));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("has no column score, which scores of pairs need");
    scores.add(RowFactory.create("q1", "d3", 0.5));
    Path repeated = folder.resolve("guide-scores-repeated");
    spark.createDataFrame(scores, schema).write().parquet(repeated.toString());
    run = guidedByScores(first, repeated, folder.resolve("repeated"));
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("scores 1 pairs more than once");
    scores.set(3, RowFactory.create("q2", "d3", Double.NaN));
    Path nan = folder.resolve("guide-scores-nan");
    spark.createDataFrame(scores, schema).write().parquet(nan.toString());
    run = guidedByScores(first, nan, folder.resolve("nan"));
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err())
        .contains("1 scores that are missing or not finite, such as that of q2 and d3");
  }

  @Test
  @Tag("slow")
  void aGuideMayBeAModelFolder() throws IOException {
    Path texts = folder.resolve("corpus-of-words");
    SmallMine.writeCorpus(texts);
    Files.writeString(
        texts.resolve("queries.jsonl"),
        """
        {"_id": "q1", "text": "array"}
        {"_id": "q2", "text": "file"}
        {"_id": "q3", "text": "list"}
        """);
    // It does not know the word reverse, so that d3 is nothing but an array to it.
    Path model = folder.resolve("words");
    WordModel.write(model, List.of("sort", "array", "list", "open", "file"));
    Path out = folder.resolve("guided-by-a-model");
    SmallMine.mine(texts, embeddings, out, "--guide", model.toString());
    assertThat(CommandRun.record(out).at("/ledger/encode/out").asLong()).isPositive();
    Dataset<Row> scores = table(out, PairScoreTable.TABLE).where("query_id = 'q1'");
    assertThat(scores.where("doc_id = 'd3'").head().getFloat(2)).isEqualTo(1);
    assertThat(scores.where("doc_id = 'd1'").head().getFloat(2))
        .isEqualTo((float) Math.sqrt(0.5), within(1e-6f));
    assertThat(
            table(out, "judged_candidates")
                .where("query_id = 'q1' AND reason = 'guide_disagrees'")
                .select("doc_id")
                .as(Encoders.STRING())
                .collectAsList())
        .containsExactly("d3");
    assertThat(negatives(out)).contains("q1>d4").doesNotContain("q1>d3");
  }

  private static CommandRun guidedByScores(Path first, Path scores, Path out) {
    return SmallMine.run(
        "mine",
        "--input",
        corpus.toString(),
        "--candidates-from",
        first.toString(),
        "--set",
        "guideScores=" + scores,
        "--out",
        out.toString());
  }

  @Test
  @Tag("slow")
  void anApproximateSearchSaysWhatItMisses() throws IOException {
    Path all = folder.resolve("lists");
    SmallMine.mine(corpus, embeddings, all, "--set", "lists={count: 2, probes: 2}");
    assertThat(CommandRun.record(all).at("/metrics/mine_recall").asDouble()).isEqualTo(1);
    assertThat(table(all, "mined_candidates").count()).isEqualTo(18);
    Path few = folder.resolve("one-list");
    SmallMine.mine(corpus, embeddings, few, "--set", "lists={count: 2, probes: 1}");
    // Sorting and files are a list each, of three or four documents.
    assertThat(CommandRun.record(few).at("/metrics/mine_recall").asDouble())
        .isEqualTo(table(few, "mined_candidates").count() / 18.0)
        .isBetween(0.3, 0.7);
  }

  @Test
  void badEmbeddingsEndTheRunWithWhatIsWrong() {
    List<Row> missing = vectors();
    missing.remove(4);
    fails("missing", missing, 3, "1 of the documents have no embedding, such as d1.");
    List<Row> uneven = vectors();
    uneven.set(6, RowFactory.create("document", "d3", new float[] {1, 2, 3}));
    fails("uneven", uneven, 3, "unequal lengths");
    CommandRun guide = guided(folder.resolve("uneven"), folder.resolve("uneven-guide"));
    assertThat(guide.exitCode()).isEqualTo(3);
    assertThat(guide.err()).contains("guide's embeddings of documents").contains("unequal lengths");
    // Queries of one model, documents of another.
    List<Row> mixed = new ArrayList<>(vectors());
    mixed.replaceAll(
        row ->
            row.getString(0).equals("query")
                ? row
                : RowFactory.create("document", row.getString(1), new float[] {1, 2, 3}));
    fails("mixed", mixed, 3, "The embeddings have 2 dims for queries and 3 for documents");
    guide = guided(folder.resolve("mixed"), folder.resolve("mixed-guide"));
    assertThat(guide.exitCode()).isEqualTo(3);
    assertThat(guide.err()).contains("guide's embeddings have 2 dims for queries and 3 for doc");
    CommandRun none = SmallMine.run("mine", "--input", corpus.toString(), "--out", "x");
    assertThat(none.exitCode()).isEqualTo(2);
    assertThat(none.err()).contains("Embeddings are needed: run batchwright encode");
  }

  private static CommandRun guided(Path guide, Path out) {
    return SmallMine.run(
        "mine",
        "--input",
        corpus.toString(),
        "--embeddings",
        embeddings.toString(),
        "--guide",
        guide.toString(),
        "--out",
        out.toString());
  }

  private static void fails(String name, List<Row> rows, int exitCode, String message) {
    Path path = folder.resolve(name);
    write(path, rows);
    CommandRun run =
        SmallMine.run(
            "mine",
            "--input",
            corpus.toString(),
            "--embeddings",
            path.toString(),
            "--out",
            folder.resolve(name + "-out").toString());
    assertThat(run.exitCode()).isEqualTo(exitCode);
    assertThat(run.err()).contains(message);
  }
}
