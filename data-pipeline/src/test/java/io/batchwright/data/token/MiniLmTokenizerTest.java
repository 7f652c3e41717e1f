package io.batchwright.data.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** The tokenizer of all-MiniLM-L6-v2, which by itself cuts at 128 tokens and pads to as many. */
class MiniLmTokenizerTest {
  private static final Path FILE =
      Path.of(
              System.getProperty(
                  "batchwright.data",
                  System.getProperty("batchwright.root", ".") + "/../shared/data"))
          .resolve("tokenizers-weights/all-MiniLM-L6-v2/tokenizer.json.gz");

  @Test
  void lengthsAreOursAndIdsAreBerts() throws IOException {
    assumeTrue(
        Files.isRegularFile(FILE), () -> "no tokenizer at " + FILE + " (set batchwright.data)");
    String json;
    try (InputStream in = new GZIPInputStream(Files.newInputStream(FILE))) {
      json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(json).contains("\"max_length\": 128").contains("\"Fixed\": 128");
    assertThat(TokenizerDescription.of(json))
        .isEqualTo(new TokenizerDescription("WordPiece", 30_521, true));
    try (Tokenizer tokenizer = Tokenizer.load(json)) {
      SpecialTokens special = tokenizer.specialTokens();
      assertThat(special).isEqualTo(new SpecialTokens(List.of(101), List.of(102)));
      assertThat(tokenizer.encode("Hello, Wörld!")).containsExactly(7592, 1010, 2088, 999);
      int[] many = tokenizer.encode("hello ".repeat(300));
      assertThat(many).hasSize(300).containsOnly(7592);
      int[] cut = special.around(many, 256);
      assertThat(cut).hasSize(256).startsWith(101, 7592).endsWith(7592, 102);
      assertThat(Arrays.stream(cut).filter(id -> id == 7592)).hasSize(254);
    }
  }
}
