package io.batchwright.data.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Iterator;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

/** A bucket of a million documents goes through each step as a stream. */
class HotBucketTest {
  private static final int MEMBERS = 1_000_000;

  @Test
  void aMillionDocumentsOfOneBandTravelAsOneRowAndASpanningForest() throws Exception {
    byte[] print = BandKeys.pack(new long[] {42}, 10);
    long members = 0;
    long links = 0;
    Iterator<Row> rows =
        run(new BandRows(false), MEMBERS, i -> RowFactory.create(i, 0L, 0L, print));
    while (rows.hasNext()) {
      Row row = rows.next();
      members += row.getLong(2) < 0 ? 1 : 0;
      links += row.getLong(2) == 0 ? 1 : 0;
    }
    assertThat(members).isEqualTo(1);
    assertThat(links).isEqualTo(MEMBERS - 1);
  }

  @Test
  void aMillionMembersBecomeAStar() throws Exception {
    Iterator<Row> edges = run(new StarEdges(false), MEMBERS, i -> RowFactory.create(42L, i, -1L));
    assertThat(count(edges)).isEqualTo(MEMBERS - 1);
    Iterator<Row> oneOrigin =
        run(new StarEdges(true), MEMBERS, i -> RowFactory.create(42L, i, -5L));
    assertThat(count(oneOrigin)).isZero();
    Iterator<Row> twoOrigins =
        run(
            new StarEdges(true),
            MEMBERS,
            i -> RowFactory.create(42L, i, i == MEMBERS - 1 ? -6L : -5L));
    assertThat(count(twoOrigins)).isEqualTo(MEMBERS - 1);
  }

  @Test
  void aMillionDissimilarMembersMeetAStatedNumberOfAnchors() throws Exception {
    MinHashLsh lsh = new MinHashLsh(128, 16, 8, 5, ShingleUnit.WORDS, 0.8, 4, 1);
    Iterator<Row> verdicts =
        run(
            new AnchorCascade(lsh, false),
            MEMBERS,
            i -> RowFactory.create(42L, i, 0L, true, Shingles.pack(new long[] {2 * i, 2 * i + 1})));
    Row figures = verdicts.next();
    assertThat(verdicts.hasNext()).isFalse();
    assertThat(figures.getLong(3)).isEqualTo(4L * MEMBERS - 4 - 3 - 2 - 1);
    assertThat(figures.getLong(5)).isEqualTo(MEMBERS - 4);
  }

  private static long count(Iterator<Row> rows) {
    long count = 0;
    while (rows.hasNext()) {
      rows.next();
      count++;
    }
    return count;
  }

  private static Iterator<Row> run(
      MapPartitionsFunction<Row, Row> step, int count, LongFunction<Row> row) throws Exception {
    return step.call(LongStream.range(0, count).mapToObj(row).iterator());
  }
}
