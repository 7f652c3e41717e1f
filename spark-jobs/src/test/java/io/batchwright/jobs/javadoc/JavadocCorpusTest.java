package io.batchwright.jobs.javadoc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.corpus.CorpusTables;
import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.jobs.TestSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavadocCorpusTest {
  private static final String GOOD =
      """
      package a;
      class Good {
        /** Reverses the order of the given array in place. */
        void reverse(int[] array) { reverse(array, 0); }
        /** Returns the value. */
        int value() { return 1; }
        /** {@inheritDoc} */
        public String toString() { return ""; }
        /** @return nothing */
        int nothing() { return 0; }
        /** Opens the connection to the remote server. */
        native void open();
        /** optional string name = 1; */
        String getName() { return null; }
      }
      """;

  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void openSession() {
    spark = TestSession.open();
  }

  @AfterAll
  static void closeSession() {
    spark.stop();
  }

  @Test
  void everyCommentOfGoodAndBadFilesIsAccountedFor() throws IOException {
    Path jars = Files.createDirectory(folder.resolve("jars"));
    jar(
        jars.resolve("good-lib-1.2.3-sources.jar"),
        Map.of(
            "a/Good.java", GOOD.getBytes(StandardCharsets.UTF_8),
            "a/Plain.java",
                "package a; class Plain { void run() {} }".getBytes(StandardCharsets.UTF_8),
            "a/Broken.java", "class { /** x */ void".getBytes(StandardCharsets.UTF_8),
            "a/Latin.java", "/** caf\u00e9 */ class Latin {}".getBytes(StandardCharsets.ISO_8859_1),
            "a/readme.txt", "not read".getBytes(StandardCharsets.UTF_8)));
    byte[] whole = Files.readAllBytes(jars.resolve("good-lib-1.2.3-sources.jar"));
    Files.write(jars.resolve("cut-2.0-sources.jar"), Arrays.copyOf(whole, whole.length / 2));
    Files.writeString(jars.resolve("nozip-1.0-sources.jar"), "this is no zip file");

    Dataset<Row> rows = committed(JavadocSource.DEFAULTS.withJarsDir(jars.toString()));
    CorpusTables tables = CorpusTables.of(rows);
    LedgerEntry ledger = CorpusTables.ledger(rows, tables, 0).requireBalanced();

    assertThat(ledger.in()).as("four files and two jars").isEqualTo(6);
    assertThat(ledger.out()).isEqualTo(1);
    assertThat(ledger.dropped())
        .isEqualTo(
            Map.of(
                "uninformative", 1L,
                "inherit_doc", 1L,
                "no_description", 1L,
                "no_body", 1L,
                "not_prose", 1L));
    assertThat(ledger.quarantined())
        .isEqualTo(Map.of("unreadable_jar", 2L, "parse_error", 1L, "invalid_utf8", 1L));
    String id = "good-lib:a/Good.java#Good.reverse(int[])";
    assertThat(
            strings(
                tables.documents(),
                "concat_ws('|', doc_id, source, meta['class'], meta['method'], meta['line'])"))
        .containsExactly(id + "|good-lib|a.Good|reverse|4");
    assertThat(strings(tables.documents(), "text"))
        .containsExactly("void reverse(int[] array) { reverse(array, 0); }");
    assertThat(strings(tables.documents(), JavadocCorpus.TEXT_WITHOUT_NAME))
        .containsExactly("void method(int[] array) { method(array, 0); }");
    assertThat(strings(tables.queries(), "concat_ws('|', query_id, query, source, group_id)"))
        .containsExactly(
            "q:" + id + "|Reverses the order of the given array in place.|good-lib|a.Good");
    assertThat(strings(tables.qrels(), "concat_ws('|', query_id, doc_id, relevance)"))
        .containsExactly("q:" + id + "|" + id + "|1");
  }

  @Test
  void aSampleIsTheSameWhereverItIsDrawn() throws IOException {
    Path jar = folder.resolve("lib-1.0-sources.jar");
    byte[] empty = "class X {}".getBytes(StandardCharsets.UTF_8);
    jar(jar, Map.of("a/A.java", empty, "a/B.java", empty, "a/C.java", empty, "b/D.java", empty));
    try (SourceJar open =
        SourceJar.open(jar.toString(), spark.sparkContext().hadoopConfiguration())) {
      assertThat(open.javaFiles(JarSample.DEFAULTS)).hasSize(4);
      assertThat(open.javaFiles(new JarSample("lib", List.of("a/{A,C}*.java"), 0)))
          .extracting(ZipEntry::getName)
          .containsExactly("a/A.java", "a/C.java");
      assertThat(open.javaFiles(new JarSample("lib", List.of(), 2)))
          .extracting(ZipEntry::getName)
          .hasSize(2)
          .isSorted();
    }
    assertThat(SourceJar.artifact("/x/commons-lang3-3.19.0-sources.jar"))
        .isEqualTo("commons-lang3");
    assertThat(SourceJar.artifact("netty-codec-http-4.2.7.Final-sources.jar"))
        .isEqualTo("netty-codec-http");
  }

  @Test
  void aFolderWithoutJarsIsNamed() {
    assertThatThrownBy(
            () -> JavadocCorpus.read(spark, JavadocSource.DEFAULTS.withJarsDir("/nowhere")))
        .hasMessage("JavadocSource.jarsDir: there is no folder /nowhere.");
    assertThatThrownBy(
            () -> JavadocCorpus.read(spark, JavadocSource.DEFAULTS.withJarsDir(folder.toString())))
        .hasMessageEndingWith("holds no .jar file.");
  }

  @Test
  void aRealLibraryIsReadInFullAndItsLedgerBalances() throws IOException {
    Path corpus =
        Path.of(System.getProperty("batchwright.root", ".."), "spark-jobs/target/sources-corpus");
    Path jar = corpus.resolve("commons-codec-1.19.0-sources.jar");
    Assumptions.assumeTrue(Files.exists(jar), "the build has not copied the -sources jars");
    Path jars = Files.createDirectory(folder.resolve("real"));
    Files.copy(jar, jars.resolve(jar.getFileName()));

    Dataset<Row> rows = committed(JavadocSource.DEFAULTS.withJarsDir(jars.toString()));
    CorpusTables tables = CorpusTables.of(rows);
    LedgerEntry ledger = CorpusTables.ledger(rows, tables, 0).requireBalanced();

    assertThat(ledger.quarantined()).isEmpty();
    assertThat(ledger.out()).isGreaterThan(600);
    assertThat(tables.documents().select("doc_id").distinct().count()).isEqualTo(ledger.out());
    assertThat(tables.queries().count()).isEqualTo(ledger.out());
    assertThat(
            strings(
                tables.queries().where("query_id like '%Base64.encodeBase64String(byte[])'"),
                "query"))
        .singleElement()
        .asString()
        .startsWith(
            "Encodes binary data using the base64 algorithm but does not chunk the output. ");
  }

  private Dataset<Row> committed(JavadocSource source) {
    String path = folder.resolve("rows").toString();
    JavadocCorpus.read(spark, source).write().parquet(path);
    return spark.read().parquet(path);
  }

  private static List<String> strings(Dataset<Row> rows, String expression) {
    return rows.selectExpr(expression + " AS s").orderBy("s").as(Encoders.STRING()).collectAsList();
  }

  private static void jar(Path path, Map<String, byte[]> files) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
        zip.closeEntry();
      }
    }
  }
}
