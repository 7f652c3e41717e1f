package io.batchwright.data.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

/** Golden values are made by {@code src/test/resources/datasketch/golden.py}. */
class DatasketchMinHashTest {
  @Test
  void signaturesAreNumpysBitForBit() throws IOException {
    JsonNode rows;
    try (InputStream golden = getClass().getResourceAsStream("/datasketch/golden.json")) {
      rows = new ObjectMapper().readTree(golden);
    }
    assertThat(rows).hasSizeGreaterThanOrEqualTo(10);
    Signer signer = DatasketchMinHash.PAPER.signer();
    for (JsonNode row : rows) {
      String text = row.path("text").asText();
      assertThat(DatasketchMinHash.cleaned(text)).isEqualTo(row.path("cleaned").asText());
      assertThat(signer.sign(text)).isTrue();
      for (int i = 0; i < 128; i++) {
        assertThat(signer.signature()[i] & 0xFFFFFFFFL)
            .as("value %d of %s", i, text)
            .isEqualTo(row.path("signature").path(i).asLong());
      }
    }
  }

  @Test
  void permutationsAreThoseOfRandomStateOne() {
    MersenneTwister random = new MersenneTwister(1);
    assertThat(Integer.toUnsignedLong(random.nextInt())).isEqualTo(1791095845L);
    assertThat(Integer.toUnsignedLong(random.nextInt())).isEqualTo(4282876139L);
  }

  @Test
  void aTextShorterThanAShingleHasNoSignature() {
    assertThat(DatasketchMinHash.PAPER.signature("twelve chars")).isNull();
    assertThat(DatasketchMinHash.PAPER.signature("... twelve, chars ...")).isNull();
    assertThat(DatasketchMinHash.PAPER.signature("13 characters")).hasSize(128);
  }

  @Test
  void loneSurrogatesAreQuestionMarksThatTheCleaningLeaves() {
    assertThat(DatasketchMinHash.PAPER.signature("a lone \ud800 surrogate"))
        .isEqualTo(DatasketchMinHash.PAPER.signature("a lone \udc00 surrogate"))
        .isNotEqualTo(DatasketchMinHash.PAPER.signature("a lone x surrogate"));
  }
}
