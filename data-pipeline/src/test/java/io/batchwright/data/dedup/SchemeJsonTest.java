package io.batchwright.data.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.failure.BatchwrightException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SchemeJsonTest {
  private static final Shingles CHARACTERS = new Shingles(ShingleUnit.CHARACTERS, 13);

  @ParameterizedTest
  @EnumSource(SignatureKind.class)
  void whatIsWrittenIsRead(SignatureKind kind) {
    SignatureScheme scheme = kind.scheme(CHARACTERS, 256, 7);
    String json = SchemeJson.write(scheme);
    assertThat(SchemeJson.read(json)).isEqualTo(scheme);
    assertThat(SchemeJson.differences(json, json, "index")).isEmpty();
    assertThat(json)
        .contains("\"name\":\"" + scheme.getClass().getSimpleName() + "\"", "\"version\":1");
  }

  @Test
  void theStoredFormStays() {
    assertThat(SchemeJson.write(MinHashLsh.PAPER.scheme()))
        .isEqualTo(
            """
            {"name":"OnePermutationHash","version":1,"shingles":{"version":2,"unit":"WORDS",\
            "size":5,"normalization":{"version":1,"form":"NFC","foldCase":false,\
            "ignorePunctuation":false,"foldDigits":false,"unicode":"16.0"}},"permutations":128,\
            "seed":1}\
            """);
  }

  @Test
  void differencesAreNamed() {
    String stored = SchemeJson.write(MinHashLsh.PAPER.scheme());
    SignatureScheme asked =
        SignatureKind.SUPER_MIN_HASH.scheme(CHARACTERS.after(Normalization.STRICT), 128, 1);
    assertThat(SchemeJson.differences(stored, SchemeJson.write(asked), "index"))
        .contains(
            "name: OnePermutationHash in the index, SuperMinHash asked",
            "shingles.unit: WORDS in the index, CHARACTERS asked",
            "shingles.size: 5 in the index, 13 asked",
            "shingles.normalization.form: NFC in the index, NFKC asked")
        .hasSize(7);
    assertThat(SchemeJson.differences("{\"bands\": 16}", "{}", "index"))
        .containsExactly("bands: 16 in the index, none asked");
  }

  @Test
  void whatIsNoSchemeIsRefused() {
    assertThatThrownBy(() -> SchemeJson.read("{\"name\":\"SimHash\"}"))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("SimHash");
    String newer =
        SchemeJson.write(MinHashLsh.PAPER.scheme()).replace("\"version\":2", "\"version\":3");
    assertThatThrownBy(() -> SchemeJson.read(newer))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("Shingles.version must be 2")
        .hasMessageContaining("got 3");
    assertThatThrownBy(() -> SchemeJson.read("none")).isInstanceOf(BatchwrightException.class);
  }

  @Test
  void datasketchTakesCharactersOnly() {
    assertThatThrownBy(
            () -> SignatureKind.DATASKETCH.scheme(new Shingles(ShingleUnit.WORDS, 5), 128, 1))
        .hasMessageContaining("unit must be CHARACTERS")
        .hasMessageContaining("got WORDS");
    assertThat(CHARACTERS.tooShortForCharacters()).isFalse();
    assertThat(new Shingles(ShingleUnit.CHARACTERS, 12).tooShortForCharacters()).isTrue();
    assertThat(new Shingles(ShingleUnit.WORDS, 3).tooShortForCharacters()).isFalse();
  }
}
