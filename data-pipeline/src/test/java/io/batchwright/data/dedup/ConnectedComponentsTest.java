package io.batchwright.data.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.data.ledger.CanonicalHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class ConnectedComponentsTest {
  @Test
  void starsOnExecutorsAndUnionFindOnTheDriverAgree() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      rows.add(RowFactory.create((long) i * 7 % 13, (long) (i + 1) * 7 % 13)); // one long path
    }
    Random random = new Random(5);
    for (int i = 0; i < 40; i++) {
      long low = 100L + random.nextInt(60);
      rows.add(RowFactory.create(low, low + 1 + random.nextInt(50)));
    }
    Dataset<Row> edges = DedupSpark.session().createDataFrame(rows, edgeSchema());
    try (Workspace workspace = new Workspace()) {
      Dataset<Row> onDriver = ConnectedComponents.of(edges, workspace);
      Dataset<Row> distributed =
          ConnectedComponents.of(edges, 1000, workspace, new Sizes(0, 0, 0, 0, 0));
      Dataset<Row> inOneTask =
          ConnectedComponents.of(edges, 1000, workspace, new Sizes(0, 0, 0, 0, 1000));
      assertThat(CanonicalHash.of(inOneTask)).isEqualTo(CanonicalHash.of(onDriver));
      assertThat(CanonicalHash.of(distributed)).isEqualTo(CanonicalHash.of(onDriver));
      assertThat(distributed.where("node < 13 and root <> 0").count()).isZero();
    }
  }

  private static StructType edgeSchema() {
    return new StructType().add("a", DataTypes.LongType, false).add("b", DataTypes.LongType, false);
  }
}
