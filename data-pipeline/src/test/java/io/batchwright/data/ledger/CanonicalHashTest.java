package io.batchwright.data.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.data.dedup.DedupSpark;
import java.util.Arrays;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class CanonicalHashTest {
  private static final String COLUMNS =
      "id, cast(id as string) text, if(id % 2 = 0, null, 'x') maybe, array(id, null) list,"
          + " map('k', id, 'a', 1L) pairs, struct(id, 'y') nested, id / 3 ratio,"
          + " cast('z' as binary) bytes, date'2026-11-24' day";

  @Test
  void orderOfRowsAndColumnsAndPartitionsDoNotMatterButContentDoes() {
    Dataset<Row> table =
        DedupSpark.session().range(50).toDF().selectExpr(COLUMNS.split(", (?![^()]*\\))"));
    CanonicalHash hash = CanonicalHash.of(table);
    assertThat(hash.rows()).isEqualTo(50);
    assertThat(
            CanonicalHash.of(table.repartition(5).orderBy("text").select("text", "*").drop("text")))
        .isNotEqualTo(hash);
    String[] names = table.columns();
    assertThat(CanonicalHash.of(table.repartition(5).select(names[8], Arrays.copyOf(names, 8))))
        .isEqualTo(hash);
    assertThat(CanonicalHash.of(table.where("id <> 7"))).isNotEqualTo(hash);
    assertThat(
            CanonicalHash.of(table.where("id < 20"))
                .plus(CanonicalHash.of(table.where("id >= 20"))))
        .isEqualTo(hash);
    assertThat(CanonicalHash.of(table.union(table))).isNotEqualTo(hash);
  }
}
