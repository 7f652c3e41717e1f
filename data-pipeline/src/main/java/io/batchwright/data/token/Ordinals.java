package io.batchwright.data.token;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Dense numbers for rows: a range sort and one count per partition, never a single partition. */
public final class Ordinals {
  private Ordinals() {}

  /**
   * Puts the column {@code name}, 0 .. n-1, before the columns of {@code rows}.
   *
   * @param order columns that together differ for each row, so that the numbers do not depend on
   *     the partitioning
   */
  public static Dataset<Row> number(Dataset<Row> rows, String name, Column... order) {
    List<StructField> fields = new ArrayList<>();
    fields.add(DataTypes.createStructField(name, DataTypes.LongType, false));
    fields.addAll(List.of(rows.schema().fields()));
    JavaRDD<Row> numbered =
        rows.orderBy(order)
            .toJavaRDD()
            .zipWithIndex()
            .map(
                pair -> {
                  Row row = pair._1();
                  Object[] values = new Object[row.length() + 1];
                  values[0] = pair._2();
                  for (int i = 0; i < row.length(); i++) {
                    values[i + 1] = row.get(i);
                  }
                  return RowFactory.create(values);
                });
    return rows.sparkSession()
        .createDataFrame(numbered, new StructType(fields.toArray(StructField[]::new)));
  }
}
