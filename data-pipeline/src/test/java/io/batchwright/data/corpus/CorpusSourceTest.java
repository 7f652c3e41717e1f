package io.batchwright.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.Tables;
import io.batchwright.data.TestSpark;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.ledger.LedgerEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.io.compress.BZip2Codec;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusSourceTest {
  private static SparkSession spark;

  @TempDir Path folder;
  private int committed;

  @BeforeAll
  static void openSession() {
    spark = TestSpark.session();
  }

  @Test
  void everyKindOfBadLineIsQuarantinedWithItsReasonAndPosition() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    line(bytes, "{\"id\": \"a\", \"text\": \"first\", \"stars\": 5}");
    line(bytes, "{\"id\": \"b\", \"text\": \"cut sh");
    bytes.write("{\"id\": \"c\", \"text\": \"bad ".getBytes(StandardCharsets.UTF_8));
    bytes.write(0xc3);
    line(bytes, " byte\"}");
    line(bytes, "{\"id\": \"d\", \"text\": \"  \"}");
    line(bytes, "{\"id\": \"a\", \"text\": \"again\", \"stars\": 1}");
    line(bytes, "");
    line(bytes, "{\"id\": \"e\", \"text\": \"" + "x".repeat(3000) + "\"}");
    line(bytes, "{\"id\": \"f\", \"text\": \"last\", \"stars\": 3}");
    Path file = folder.resolve("corpus.jsonl");
    Files.write(file, bytes.toByteArray());

    Read read = read(new JsonLines(file.toString(), "mine", Columns.DEFAULTS, "", 2000));

    assertThat(read.ledger.in()).isEqualTo(7);
    assertThat(read.ledger.balanced()).isTrue();
    assertThat(read.ledger.quarantined())
        .isEqualTo(
            Map.of(
                "malformed_json", 1L,
                "invalid_utf8", 1L,
                "empty_text", 1L,
                "duplicate_id", 1L,
                "too_large", 1L));
    assertThat(strings(read.tables.documents(), "concat_ws('|', doc_id, source, text, stars)"))
        .containsExactly("a|mine|first|5", "f|mine|last|3");
    assertThat(strings(read.tables.quarantine(), "concat_ws('|', reason, input_position)"))
        .contains("malformed_json|byte 41", "duplicate_id|byte 129");
    assertThat(strings(read.tables.quarantine().where("reason = 'invalid_utf8'"), "excerpt"))
        .singleElement()
        .asString()
        .startsWith("{\"id\": \"c\"");
    assertThat(read.tables.documents().schema().apply("stars").dataType().sql())
        .isEqualTo("BIGINT");
  }

  @Test
  void pairsOfATableAreThoseOfFlagEmbeddingsLines() throws IOException {
    Path file =
        write(
            "pairs.jsonl",
            "{\"query\": \"q one\", \"pos\": [\"first\", \"second\"]}\n"
                + "{\"query\": \"q two\", \"pos\": [\"first\"]}\n"
                + "{\"query\": \" \", \"pos\": [\"lost\"]}\n");
    Read expected = read(new FlagEmbeddingJsonLines(file.toString(), "s", 1 << 20));
    spark.read().json(file.toString()).createOrReplaceTempView("some_pairs");
    Read read = read(new SparkPairs("some_pairs", "s", "query", "pos", 1 << 20));

    String judgement = "concat_ws('|', query_id, doc_id)";
    assertThat(strings(read.tables.qrels(), judgement))
        .isEqualTo(strings(expected.tables.qrels(), judgement));
    assertThat(strings(read.tables.documents(), "concat_ws('|', doc_id, text)"))
        .isEqualTo(strings(expected.tables.documents(), "concat_ws('|', doc_id, text)"));
    assertThat(read.ledger.quarantined()).isEqualTo(Map.of("empty_text", 1L));
    assertThat(read.ledger.balanced()).isTrue();

    spark
        .sql("SELECT 'q' AS query, 'a text' AS answer UNION ALL SELECT 'r', NULL")
        .createOrReplaceTempView("other_pairs");
    Read single = read(new SparkPairs("other_pairs", "", "query", "answer", 1 << 20));
    assertThat(strings(single.tables.documents(), "text")).containsExactly("a text");
    assertThat(single.ledger.quarantined()).isEqualTo(Map.of("empty_text", 1L));
    assertThatThrownBy(() -> new SparkPairs("other_pairs", "", "query", "pos", 9).read(spark))
        .hasMessage(
            "SparkPairs.positive names pos, but table other_pairs has no such column. It has: query, answer.");
    assertThat(read(new SparkPairs("other_pairs", "", "query", "answer", 4)).ledger.quarantined())
        .isEqualTo(Map.of("empty_text", 1L, "too_large", 1L));
  }

  @Test
  void aDocumentOfFiftyMegabytesIsQuarantinedAndTheRestIsRead() throws IOException {
    Path file = folder.resolve("corpus.jsonl");
    try (OutputStream out = Files.newOutputStream(file)) {
      line(out, "{\"id\": \"small\", \"text\": \"a small one\"}");
      out.write("{\"id\": \"large\", \"text\": \"".getBytes(StandardCharsets.UTF_8));
      byte[] block = "0123456789abcdef".repeat(1 << 16).getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 50; i++) {
        out.write(block);
      }
      line(out, "\"}");
    }

    Read read = read(jsonLines(file));

    assertThat(strings(read.tables.documents(), "doc_id")).containsExactly("small");
    assertThat(read.ledger.quarantined()).isEqualTo(Map.of("too_large", 1L));
    assertThat(read.ledger.balanced()).isTrue();
    assertThat(strings(read.tables.quarantine(), "cast(length(excerpt) as string)"))
        .containsExactly("200");
  }

  @Test
  void compressedLinesAreReadLikePlainOnes() throws IOException {
    String lines = "{\"id\": \"a\", \"text\": \"one\"}\n{\"id\": \"b\", \"text\": \"two\"}\n";
    try (OutputStream out = new GZIPOutputStream(out("corpus.jsonl.gz"))) {
      out.write(lines.getBytes(StandardCharsets.UTF_8));
    }
    try (OutputStream out = new ZstandardLines().createOutputStream(out("corpus.jsonl.zst"))) {
      out.write(lines.getBytes(StandardCharsets.UTF_8));
    }
    try (OutputStream out = bzip2().createOutputStream(out("corpus.jsonl.bz2"))) {
      out.write(lines.getBytes(StandardCharsets.UTF_8));
    }
    for (String name : List.of("corpus.jsonl.gz", "corpus.jsonl.zst", "corpus.jsonl.bz2")) {
      Read read = read(jsonLines(folder.resolve(name)));
      assertThat(strings(read.tables.documents(), "concat(doc_id, text)"))
          .as(name)
          .containsExactly("aone", "btwo");
      assertThat(read.ledger.balanced()).isTrue();
    }
  }

  @Test
  void aMissingColumnIsOneMessageThatNamesTheColumnsThereAre() throws IOException {
    Path file = write("corpus.jsonl", "{\"id\": \"a\", \"inhalt\": \"eins\"}\n");

    assertThatThrownBy(() -> jsonLines(file).read(spark))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("has no column named text, content, contents, body")
        .hasMessageContaining("It has: id, inhalt.")
        .matches(e -> ((BatchwrightException) e).exitCode() == 2);
    Columns wrong = new Columns("", "body", List.of());
    assertThatThrownBy(() -> new JsonLines(file.toString(), "", wrong, "", 1 << 20).read(spark))
        .hasMessage(
            "columns.text names body, but " + file + " has no such column. It has: id, inhalt.");
  }

  @Test
  void anEmptyOrAbsentSourceIsNamed() throws IOException {
    Path empty = write("empty.jsonl", "");
    assertThatThrownBy(() -> jsonLines(empty).read(spark))
        .hasMessage(empty + " is empty: its files hold no bytes.")
        .matches(e -> ((BatchwrightException) e).exitCode() == 3);
    Path absent = folder.resolve("absent.jsonl");
    assertThatThrownBy(() -> jsonLines(absent).read(spark))
        .hasMessage("There is no file at " + absent + ".")
        .matches(e -> ((BatchwrightException) e).exitCode() == 2);
    assertThatThrownBy(() -> new SparkTable("nothing", "", Columns.DEFAULTS, 1 << 20).read(spark))
        .hasMessage("There is no table or view named nothing.");
    assertThatThrownBy(
            () ->
                new SparkSql("SELECT 1 AS text WHERE false", "", Columns.DEFAULTS, 1 << 20)
                    .read(spark))
        .hasMessageEndingWith("holds no rows.");
  }

  @Test
  void linesThatAreAllMalformedAreOneMessage() throws IOException {
    Path file = write("corpus.jsonl", "no json\nneither\n");
    assertThatThrownBy(() -> jsonLines(file).read(spark))
        .hasMessage(file + ": no line holds a JSON object.");
  }

  @Test
  void textsWithoutIdsGetTheSameIdsWhateverThePartitioning() throws IOException {
    Path file = write("corpus.txt", "one\ntwo\n\none\nthree\none\n");
    Read read = read(new PlainText(file.toString(), "notes", 1 << 20));

    String one = ContentId.of("notes", "one");
    assertThat(strings(read.tables.documents(), "doc_id"))
        .containsExactlyInAnyOrder(
            one,
            one + "-2",
            one + "-3",
            ContentId.of("notes", "two"),
            ContentId.of("notes", "three"));
    assertThat(read.ledger.in()).isEqualTo(5);
    assertThat(read.ledger.balanced()).isTrue();
    assertThat(one).isEqualTo("35b79f6974c24b9af779b126b1ace32b").hasSize(32);
  }

  @Test
  void parquetColumnsKeepTheirTypesAndAreMapped() {
    String path = folder.resolve("corpus.parquet").toString();
    spark
        .sql(
            "SELECT 7L AS number, 'sieben' AS body, map('k', 'v') AS meta, DATE'2026-01-02' AS day,"
                + " array(1, 2) AS parts, 'x' AS reason")
        .write()
        .parquet(path);
    Columns columns = new Columns("number", "body", List.of("day", "reason"));
    Read read = read(new SparkFiles(path, "parquet", List.of(), "numbers", columns, 1 << 20));

    assertThat(read.tables.documents().columns())
        .containsExactly("doc_id", "source", "text", "meta", "day", "user_reason");
    assertThat(
            strings(
                read.tables.documents(),
                "concat_ws('|', doc_id, text, meta['k'], day, user_reason)"))
        .containsExactly("7|sieben|v|2026-01-02|x");
    assertThat(read.tables.documents().schema().apply("day").dataType().sql()).isEqualTo("DATE");
  }

  @Test
  void identicalRowsOfATableLeaveOneDocumentAndOneQuarantinedRow() {
    spark
        .sql(
            "SELECT * FROM VALUES ('a', 'same'), ('a', 'same'), ('b', 'other'), ('c', NULL) AS"
                + " t(id, text)")
        .createOrReplaceTempView("corpus_rows");
    Read read = read(new SparkTable("corpus_rows", "", Columns.DEFAULTS, 1 << 20));

    assertThat(strings(read.tables.documents(), "concat_ws('|', doc_id, source)"))
        .containsExactly("a|corpus_rows", "b|corpus_rows");
    assertThat(read.ledger.quarantined()).isEqualTo(Map.of("duplicate_id", 1L, "empty_text", 1L));
    assertThat(read.ledger.balanced()).isTrue();
  }

  @Test
  void aBeirFolderGivesDocumentsQueriesAndJudgements() throws IOException {
    write(
        "corpus.jsonl",
        "{\"_id\": \"d1\", \"title\": \"Title\", \"text\": \"text\", \"metadata\": {\"year\":"
            + " 2020}}\n"
            + "{\"_id\": \"d2\", \"title\": \"\", \"text\": \"\"}\n"
            + "{\"_id\": \"d3\", \"title\": \"\", \"text\": \"bare\"}\n"
            + "{broken\n");
    write("queries.jsonl", "{\"_id\": \"q1\", \"text\": \"what\"}\n{\"text\": \"no id\"}\n");
    Files.createDirectory(folder.resolve("qrels"));
    write("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td3\tmany\n");

    Read read =
        read(
            new BeirFolder(
                folder.toString(), List.of("test"), List.of("test"), "", "toy", 1 << 20));

    assertThat(strings(read.tables.documents(), "concat_ws('|', doc_id, text, meta['year'])"))
        .containsExactly("d1|Title text|2020", "d3|bare");
    assertThat(strings(read.tables.queries(), "concat_ws('|', query_id, query, source)"))
        .containsExactly("q1|what|toy");
    assertThat(strings(read.tables.queries(), "split")).containsExactly("held_out");
    assertThat(strings(read.tables.qrels(), "concat_ws('|', query_id, doc_id, relevance)"))
        .containsExactly("q1|d1|2");
    assertThat(read.ledger.quarantined())
        .isEqualTo(
            Map.of(
                "empty_text",
                1L,
                "malformed_json",
                1L,
                "missing_column",
                1L,
                "malformed_number",
                1L));
    assertThat(read.ledger.balanced()).isTrue();
    assertSchemas(read.tables);
  }

  @Test
  void passagesThatTrainingLinesShareAreOneDocument() throws IOException {
    Path file =
        write(
            "train.jsonl",
            "{\"query_id\": \"q1\", \"query\": \"one\", \"positive_passages\": [{\"docid\": \"p\","
                + " \"title\": \"\", \"text\": \"shared\"}], \"negative_passages\": [{\"docid\":"
                + " \"n\", \"text\": \"far\"}]}\n"
                + "{\"query_id\": \"q2\", \"query\": \"two\", \"positive_passages\": [{\"docid\":"
                + " \"p\", \"text\": \"shared\"}]}\n"
                + "{\"query_id\": \"q3\", \"query\": \"three\", \"positive_passages\": []}\n"
                + "{\"query_id\": \"q4\"}\n");
    Read read = read(new TevatronJsonLines(file.toString(), "", 1 << 20));

    assertThat(strings(read.tables.documents(), "doc_id")).containsExactly("n", "p");
    assertThat(strings(read.tables.qrels(), "concat(query_id, doc_id)"))
        .containsExactly("q1p", "q2p");
    assertThat(strings(read.tables.candidates(), "concat_ws('|', query_id, doc_id, rank, miner)"))
        .containsExactly("q1|n|1|given");
    assertThat(read.ledger.dropped()).isEqualTo(Map.of("repeated_passage", 1L));
    assertThat(read.ledger.quarantined()).isEqualTo(Map.of("empty_text", 1L, "missing_column", 1L));
    assertThat(read.ledger.balanced()).isTrue();
    assertSchemas(read.tables);
  }

  @Test
  void flagEmbeddingLinesAndTripletsGiveTheSameTables() throws IOException {
    Path json =
        write(
            "train.jsonl",
            "{\"query\": \"hot\", \"pos\": [\"warm\"], \"neg\": [\"cold\", \"icy\"]}\n");
    Path triplets = write("train.tsv", "hot\twarm\tcold\ticy\n");
    CorpusTables one = read(new FlagEmbeddingJsonLines(json.toString(), "t", 1 << 20)).tables;
    CorpusTables two = read(new TripletTsv(triplets.toString(), "t", 1 << 20)).tables;

    assertThat(strings(one.documents(), "concat_ws('|', doc_id, text)"))
        .hasSize(3)
        .isEqualTo(strings(two.documents(), "concat_ws('|', doc_id, text)"));
    assertThat(strings(one.qrels(), "concat_ws('|', query_id, doc_id)"))
        .isEqualTo(strings(two.qrels(), "concat_ws('|', query_id, doc_id)"));
    assertThat(strings(one.candidates(), "concat_ws('|', doc_id, rank)"))
        .hasSize(2)
        .isEqualTo(strings(two.candidates(), "concat_ws('|', doc_id, rank)"));
  }

  @Test
  void sourcesWithUnlikeColumnsAreReadTogetherAndUnlikeTypesAreRefused() throws IOException {
    Path file = write("corpus.jsonl", "{\"id\": \"a\", \"text\": \"one\", \"stars\": 5}\n");
    Path text = write("corpus.txt", "two\n");
    CorpusSource typed =
        new SparkSql(
            "SELECT 'z' AS id, 'three' AS text, 'many' AS stars", "", Columns.DEFAULTS, 99);

    Dataset<Row> rows =
        Corpus.read(spark, List.of(jsonLines(file), new PlainText(text.toString(), "", 1 << 20)));
    assertThat(strings(CorpusTables.of(rows).documents(), "concat_ws('|', text, stars)"))
        .containsExactlyInAnyOrder("one|5", "two");
    assertThatThrownBy(() -> Corpus.read(spark, List.of(jsonLines(file), typed)))
        .hasMessageContaining("The column stars is STRING in query SELECT");
  }

  private record Read(CorpusTables tables, LedgerEntry ledger) {}

  /** Reads as a stage does: the wide table is written once, and tables come from the copy. */
  private Read read(CorpusSource source) {
    String path = folder.resolve("committed" + committed++).toString();
    Corpus.read(spark, List.of(source)).write().parquet(path);
    Dataset<Row> rows = spark.read().parquet(path);
    CorpusTables tables = CorpusTables.of(rows);
    return new Read(tables, CorpusTables.ledger(rows, tables, 0).requireBalanced());
  }

  private static void assertSchemas(CorpusTables tables) {
    assertThat(tables.queries().columns()).isEqualTo(Tables.QUERIES.fieldNames());
    assertThat(tables.qrels().columns()).isEqualTo(Tables.QRELS.fieldNames());
    assertThat(tables.removed().columns()).isEqualTo(Tables.REMOVED.fieldNames());
    assertThat(tables.quarantine().columns()).isEqualTo(Tables.QUARANTINE.fieldNames());
    assertThat(tables.candidates().columns()).isEqualTo(Tables.CANDIDATES.fieldNames());
  }

  private static JsonLines jsonLines(Path file) {
    return new JsonLines(file.toString(), "", Columns.DEFAULTS, "", 16 << 20);
  }

  private static List<String> strings(Dataset<Row> rows, String expression) {
    return rows.selectExpr(expression + " AS s").orderBy("s").as(Encoders.STRING()).collectAsList();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private OutputStream out(String name) throws IOException {
    return Files.newOutputStream(folder.resolve(name));
  }

  private static BZip2Codec bzip2() {
    BZip2Codec codec = new BZip2Codec();
    codec.setConf(spark.sparkContext().hadoopConfiguration());
    return codec;
  }

  private static void line(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.write('\n');
  }
}
