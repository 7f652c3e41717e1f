package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.col;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/** Candidates on the driver: what of them goes to every executor, to find their texts by. */
final class LocalCandidates {
  private final List<String> ids = new ArrayList<>();
  private final Map<Long, Long> weights = new HashMap<>();
  private final long[] component;
  private final long[] ordinal;
  private final long[] origin;
  private final byte[][] print;

  LocalCandidates(LocalSearch search, UnionFind components) {
    int size = components.size();
    component = new long[size];
    ordinal = new long[size];
    origin = new long[size];
    print = new byte[size][];
    for (int i = 0; i < size; i++) {
      int at = (int) components.node(i);
      component[i] = components.root(i);
      ordinal[i] = at;
      origin[i] = search.roster().origin(at);
      print[i] = search.roster().print(at, search.level());
      ids.add(search.roster().docId(at));
      weights.merge(component[i], (long) BandKeys.shingles(print[i]), Long::sum);
    }
  }

  int size() {
    return ids.size();
  }

  /** The shingles, repeats included, of the largest component. */
  long largest() {
    return weights.values().stream().mapToLong(Long::longValue).max().orElse(0);
  }

  /** The shingles, repeats included, of all. */
  long shingles() {
    return weights.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The candidates' shingle sets, in {@link CandidateShingles#SCHEMA}. */
  Dataset<Row> shingles(Dataset<Row> documents, Shingles shingles) {
    Broadcast<Lookup> shared =
        JavaSparkContext.fromSparkContext(documents.sparkSession().sparkContext())
            .broadcast(new Lookup(new IdIndex(ids), component, ordinal, origin, print));
    UDF1<String, Boolean> among = docId -> shared.value().index.find(docId) >= 0;
    return documents
        .select("doc_id", "text")
        .where(functions.udf(among, DataTypes.BooleanType).apply(col("doc_id")))
        .mapPartitions(shingling(shared, shingles), Encoders.row(CandidateShingles.SCHEMA));
  }

  private static MapPartitionsFunction<Row, Row> shingling(
      Broadcast<Lookup> shared, Shingles shingles) {
    return rows -> {
      ShingleHasher hasher = shingles.hasher();
      Lookup lookup = shared.value();
      return new RowByRow(rows) {
        @Override
        protected Row convert(Row row) {
          int at = lookup.index.find(row.getString(0));
          return RowFactory.create(
              lookup.component[at],
              lookup.ordinal[at],
              lookup.origin[at],
              lookup.print[at],
              CandidateShingles.packed(hasher, row.getString(1)));
        }
      };
    };
  }

  /** A class and not a record, for sessions that serialize by Kryo. */
  private static final class Lookup implements Serializable {
    private static final long serialVersionUID = 1L;

    private final IdIndex index;
    private final long[] component;
    private final long[] ordinal;
    private final long[] origin;
    private final byte[][] print;

    Lookup(IdIndex index, long[] component, long[] ordinal, long[] origin, byte[][] print) {
      this.index = index;
      this.component = component;
      this.ordinal = ordinal;
      this.origin = origin;
      this.print = print;
    }
  }
}
