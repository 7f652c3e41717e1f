package io.batchwright.data.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import io.batchwright.data.TestSpark;
import io.batchwright.data.failure.BatchwrightException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTrainerTest {
  /** What languages, whitespace and broken input bring. */
  private static final List<String> AWKWARD =
      List.of(
          "",
          " ",
          "\t\n",
          "[PAD] and [UNK] in a text <|endoftext|> too",
          "I\u0307stanbul \u0130stanbul \u03A3\u038A\u03A3\u03A5\u03A6\u039F\u03A3 e\u0301",
          "\u65E5\u672C\u8A9E\u306E\u30C6\u30AD\u30B9\u30C8\u3002 \uD83D\uDE00\uD83D\uDC4D",
          "a\u00A0b\u2003c\u200Bd\u3000e\u0085f",
          "HTTPServer2 readURLs parseXMLFile utf8 sha256sum x1y2 __init__ don't we'll",
          "x".repeat(300),
          "-> => :: \u00AB\u00BB \u2026 \u20AC \u00B2 \u00BD \u0661\u0662",
          "\u0915\u094D\u0937\u093F \u0E20\u0E32\u0E29\u0E32 \u05E9\u05C1\u05DC\u05D5\u05DD");

  private static final List<TokenizerTrainer> TRAINERS =
      List.of(
          new WordPiece(2_000, 2, 100_000, WordRules.CODE),
          new WordPiece(2_000, 2, 100_000, WordRules.DEFAULTS),
          new ByteLevelBpe(2_000, 2, 100_000, WordRules.VERBATIM),
          new ByteLevelBpe(2_000, 2, 100_000, WordRules.CODE));

  private static SparkSession spark;
  private static List<String> texts;

  @BeforeAll
  static void start() throws IOException {
    spark = TestSpark.session();
    texts = RealTexts.read();
  }

  private static Dataset<Row> table(List<String> texts, int partitions) {
    return spark.createDataset(texts, Encoders.STRING()).toDF("text").repartition(partitions);
  }

  @Test
  void idsOfTheLoadedFileEqualTheTrainersOwnOnTenThousandTexts() throws IOException {
    assertThat(texts).hasSizeGreaterThan(10_000);
    Dataset<Row> training = table(texts.subList(0, 4_000), 2).cache();
    List<String> all = new ArrayList<>(AWKWARD);
    all.addAll(texts);
    for (TokenizerTrainer trainer : TRAINERS) {
      TrainedTokenizer trained = trainer.train(training);
      assertThat(trained.vocabularySize()).isEqualTo(2_000);
      ReferenceEncoder reference = new ReferenceEncoder(trainer, trained.json());
      try (Tokenizer tokenizer = Tokenizer.load(trained.json())) {
        int[][] ids = tokenizer.encode(all);
        for (int i = 0; i < ids.length; i++) {
          int[] expected = reference.encode(all.get(i));
          if (!Arrays.equals(ids[i], expected)) {
            assertThat(ids[i]).as("%s on %s", trainer, all.get(i)).isEqualTo(expected);
          }
        }
      }
    }
  }

  @Test
  void sameTextsGiveTheSameBytesInAnyOrderAndPartitioning() {
    List<String> some = new ArrayList<>(texts.subList(0, 600));
    for (TokenizerTrainer trainer : TRAINERS.subList(1, 3)) {
      TrainedTokenizer one = trainer.train(table(some, 1));
      List<String> reversed = new ArrayList<>(some);
      java.util.Collections.reverse(reversed);
      assertThat(trainer.train(table(reversed, 5))).isEqualTo(one);
    }
  }

  @Test
  void mergesAreThoseOfTheTextbookExample() throws IOException {
    List<String> corpus = new ArrayList<>();
    corpus.addAll(java.util.Collections.nCopies(5, "low"));
    corpus.addAll(java.util.Collections.nCopies(2, "lower"));
    corpus.addAll(java.util.Collections.nCopies(6, "newest"));
    corpus.addAll(java.util.Collections.nCopies(3, "widest"));
    TrainedTokenizer trained =
        new ByteLevelBpe(300, 1, 100, WordRules.VERBATIM).train(table(corpus, 2));
    JsonNode merges = new ObjectMapper().readTree(trained.json()).at("/model/merges");
    List<String> lines = new ArrayList<>();
    merges.forEach(merge -> lines.add(merge.asText()));
    assertThat(lines.subList(0, 6)).containsExactly("e s", "es t", "l o", "lo w", "e w", "n ew");
    assertThat(trained.corpus().words()).isEqualTo(16);
    assertThat(trained.corpus().distinctWords()).isEqualTo(4);
  }

  @Test
  void wordPieceHasBertsSpecialTokensForModelsThatAskForThem() {
    try (Tokenizer tokenizer =
        Tokenizer.load(TRAINERS.get(0).train(table(texts.subList(0, 500), 2)).json())) {
      SpecialTokens special = tokenizer.specialTokens();
      assertThat(special).isEqualTo(new SpecialTokens(List.of(2), List.of(3)));
      assertThat(tokenizer.encode("[CLS] [SEP] [MASK]")).containsExactly(2, 3, 4);
      assertThat(tokenizer.encode("array")).doesNotContain(2, 3);
    }
  }

  @Test
  void anIdentifierAndItsProseGiveTheSameTokens() {
    TrainedTokenizer trained = TRAINERS.get(0).train(table(texts.subList(0, 2_000), 2));
    try (Tokenizer tokenizer = Tokenizer.load(trained.json())) {
      assertThat(tokenizer.encode("readNextFile(HTTPServer[] list2)"))
          .isEqualTo(tokenizer.encode("Read next file: HTTP server, list 2"));
    }
  }

  @Test
  void wordsBeyondTheCapAreCountedAndReported() {
    TrainedTokenizer.CorpusCounts corpus =
        new WordPiece(300, 1, 2, WordRules.DEFAULTS)
            .train(table(List.of("a a a b b c", "y".repeat(101)), 1))
            .corpus();
    assertThat(corpus).isEqualTo(new TrainedTokenizer.CorpusCounts(7, 4, 2, 5, 1));
  }

  @Test
  void aBrokenFileIsADataFailure() {
    assertThatThrownBy(() -> Tokenizer.load("{\"version\": 1"))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("tokenizer.json");
  }

  @Test
  void jvmsThatStartTogetherExtractTheNativesSafely(@TempDir Path cache) throws Exception {
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ProcessBuilder builder =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx128m",
              "-XX:TieredStopAtLevel=1",
              "-XX:+UseSerialGC",
              "-DDJL_CACHE_DIR=" + cache,
              "-cp",
              System.getProperty("java.class.path"),
              LoadsTokenizer.class.getName());
      processes.add(builder.inheritIO().start());
    }
    for (Process process : processes) {
      assertThat(process.waitFor()).isZero();
    }
  }

  /** The main class of one of several JVMs. */
  static final class LoadsTokenizer {
    private LoadsTokenizer() {}

    public static void main(String[] arguments) {
      String json =
          TokenizerJson.write(
              List.of("[UNK]"),
              NullNode.getInstance(),
              WordRules.DEFAULTS,
              TokenizerJson.object("BertPreTokenizer"),
              TokenizerJson.object("WordPiece").put("prefix", "##").put("cleanup", false),
              TokenizerJson.object("WordPiece")
                  .put("unk_token", "[UNK]")
                  .put("continuing_subword_prefix", "##")
                  .put("max_input_chars_per_word", 100)
                  .set("vocab", TokenizerJson.vocabulary(List.of("[UNK]", "word"))));
      try (Tokenizer tokenizer = Tokenizer.load(json)) {
        if (!Arrays.equals(tokenizer.encode("Word other"), new int[] {1, 0})) {
          throw new IllegalStateException("wrong ids");
        }
      }
    }
  }
}
