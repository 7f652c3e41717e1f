package io.batchwright.data.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.TestSpark;
import io.batchwright.data.dedup.DatasketchMinHash;
import io.batchwright.data.dedup.MinHashLsh;
import io.batchwright.data.dedup.SchemeJson;
import io.batchwright.data.dedup.ShingleUnit;
import io.batchwright.data.dedup.Shingles;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The functions by SQL text, in a session that only names the extension. */
class BatchwrightExtensionsTest {
  private static final String ONE =
      "The quick brown fox jumps over the lazy dog near the river bank";
  private static final String TWO =
      "the quick brown fox jumps over the lazy cat near the river bank";

  private static SparkSession spark;

  @BeforeAll
  static void open() {
    spark = TestSpark.session().newSession();
    StructType schema =
        new StructType()
            .add("id", DataTypes.IntegerType, false)
            .add("a", DataTypes.StringType, true)
            .add("b", DataTypes.StringType, true);
    spark
        .createDataFrame(
            List.of(
                RowFactory.create(1, ONE, TWO),
                RowFactory.create(2, ONE, null),
                RowFactory.create(3, null, null),
                RowFactory.create(4, "  ", "\t"),
                RowFactory.create(5, "\ud800 lone \0 nul", ONE)),
            schema)
        .createOrReplaceTempView("texts");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void computeWhatTheLibraryDoesWithAndWithoutGeneratedCode(boolean generated) {
    spark.conf().set("spark.sql.codegen.wholeStage", generated);
    spark.conf().set("spark.sql.codegen.factoryMode", generated ? "CODEGEN_ONLY" : "NO_CODEGEN");
    spark
        .conf()
        .set(
            "spark.sql.optimizer.excludedRules",
            "org.apache.spark.sql.catalyst.optimizer.ConvertToLocalRelation");
    List<Row> rows =
        spark
            .sql(
                "SELECT batchwright_normalize(a, 'NFKC', true, true, true) n,"
                    + " batchwright_signature(a) s,"
                    + " batchwright_similarity(a, b) w,"
                    + " batchwright_similarity(a, b, 'characters', 13) c,"
                    + " batchwright_similarity(a, b, concat('wor', 'ds'), id) per_row"
                    + " FROM texts ORDER BY id")
            .collectAsList();
    Row first = rows.get(0);
    assertThat(first.getString(0)).isEqualTo(ONE.toLowerCase());
    assertThat(first.<Integer>getList(1)).containsExactlyElementsOf(signature(ONE));
    assertThat(first.getDouble(2)).isEqualTo(exact(ShingleUnit.WORDS, 5));
    assertThat(first.getDouble(3)).isEqualTo(exact(ShingleUnit.CHARACTERS, 13));
    assertThat(first.getDouble(4)).isEqualTo(exact(ShingleUnit.WORDS, 1));
    Row half = rows.get(1);
    assertThat(half.isNullAt(0) || half.isNullAt(1)).isFalse();
    assertThat(half.isNullAt(2) && half.isNullAt(3) && half.isNullAt(4)).isTrue();
    for (int i = 0; i < 5; i++) {
      assertThat(rows.get(2).isNullAt(i)).isTrue();
    }
    assertThat(rows.get(3)).isEqualTo(RowFactory.create("", null, 1.0, 1.0, 1.0));
    assertThat(rows.get(4).getDouble(2)).isZero();
  }

  @Test
  void takeAStoredSchemeOrTheNameOfOne() {
    String stored = SchemeJson.write(DatasketchMinHash.PAPER);
    Row row =
        spark
            .sql(
                "SELECT batchwright_signature('%s', 'datasketch') = batchwright_signature('%s', '%s'),"
                        .formatted(ONE, ONE, stored)
                    + " size(batchwright_signature('a b c', 'super_min_hash'))")
            .head();
    assertThat(row).isEqualTo(RowFactory.create(true, 128));
  }

  @Test
  void filterJoinAndGroupLikeAnyExpression() {
    long similar =
        spark
            .sql(
                "SELECT batchwright_normalize(x.a, 'NFC', true) k, count(*) FROM texts x JOIN texts"
                    + " y ON batchwright_similarity(x.a, y.b, 'words', 2) > 0.5 GROUP BY"
                    + " batchwright_normalize(x.a, 'NFC', true)")
            .count();
    assertThat(similar).isEqualTo(2); // ONE with TWO and with itself, blank with blank
    assertThat(
            spark.table("texts").select(functions.expr("batchwright_normalize(a) AS n")).columns())
        .containsExactly("n");
    assertThat(spark.sql("SELECT batchwright_similarity('a', 'b')").columns()[0])
        .startsWith("batchwright_similarity(a, b");
  }

  @Test
  void refuseWrongTypesAndOptionsWhenTheQueryIsAnalysed() {
    assertThatThrownBy(() -> spark.sql("SELECT batchwright_normalize(array(1))"))
        .hasMessageContaining("batchwright_normalize")
        .hasMessageContaining("requires the \"STRING\" type")
        .hasMessageContaining("ARRAY<INT>");
    assertThatThrownBy(() -> spark.sql("SELECT batchwright_similarity('a')"))
        .hasMessageContaining("batchwright_similarity")
        .hasMessageContaining("[2, 3, 4]");
    assertThatThrownBy(() -> spark.sql("SELECT batchwright_similarity('a', 'b', 'syllables')"))
        .hasMessageContaining("unit must be one of WORDS");
    assertThatThrownBy(() -> spark.sql("SELECT batchwright_similarity('a', 'b', 'words', 0)"))
        .hasMessageContaining("Shingles.size must be in [1, 1024], got 0");
    assertThatThrownBy(() -> spark.sql("SELECT batchwright_normalize('a', 'NFD')"))
        .hasMessageContaining("form must be one of NONE, NFC, NFKC, got NFD");
    assertThatThrownBy(
            () -> spark.sql("SELECT batchwright_signature('a', '{\"name\": \"SimHash\"}')"))
        .hasMessageContaining("Not a stored signature scheme");
  }

  @Test
  void areDescribed() {
    assertThat(spark.sql("DESCRIBE FUNCTION batchwright_similarity").collectAsList().toString())
        .contains("exact Jaccard similarity");
  }

  private static double exact(ShingleUnit unit, int size) {
    Shingles shingles = new Shingles(unit, size);
    return Shingles.jaccard(shingles.of(ONE), shingles.of(TWO));
  }

  private static List<Integer> signature(String text) {
    List<Integer> values = new ArrayList<>();
    for (int value : MinHashLsh.PAPER.scheme().signature(text)) {
      values.add(value);
    }
    return values;
  }
}
