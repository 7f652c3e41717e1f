package io.batchwright.data.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.Tables;
import io.batchwright.data.TestSpark;
import io.batchwright.data.batch.PlanKey;
import io.batchwright.data.batch.RandomBatches;
import io.batchwright.data.batch.RoleBatch;
import io.batchwright.data.batch.ShardManifest;
import io.batchwright.data.batch.ShardReader;
import io.batchwright.data.batch.ShardSource;
import io.batchwright.data.batch.Shards;
import io.batchwright.data.batch.StepBatch;
import io.batchwright.data.bucket.SingleBucket;
import io.batchwright.technique.Techniques;
import io.batchwright.tensor.RandomStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PackingTest {
  private static final int LENGTH = 32;
  private static final StructType PIECES =
      new StructType()
          .add("text_id", DataTypes.LongType, false)
          .add("source", DataTypes.StringType, false)
          .add("length", DataTypes.IntegerType, false);

  @TempDir private Path folder;

  static Stream<Packing> members() {
    return Techniques.of(Packing.class).stream()
        .map(member -> (Packing) Techniques.defaults(member).orElseThrow());
  }

  @ParameterizedTest
  @MethodSource("members")
  void everyPieceIsInASequenceThatHoldsIt(Packing packing) {
    int[] lengths = lengths(2_000);
    int[] sequences = packing.pack(lengths, LENGTH);
    int[] filled = new int[IntStream.of(sequences).max().orElseThrow() + 1];
    for (int i = 0; i < lengths.length; i++) {
      filled[sequences[i]] += lengths[i];
    }
    assertThat(IntStream.of(filled)).allMatch(tokens -> tokens >= 1 && tokens <= LENGTH);
    assertThat(packing.pack(new int[0], LENGTH)).isEmpty();
  }

  @Test
  void bestFitTakesTheSequenceWithTheLeastRoomLongestPiecesFirst() {
    int[] sequences = BestFitPacking.PAPER.pack(new int[] {5, 3, 8, 2, 4}, 8);
    // 8; 5 opens, 4 opens, 3 fits the room of 3 behind the 5, 2 that of 4 behind the 4.
    assertThat(sequences).containsExactly(1, 1, 0, 2, 2);
  }

  @Test
  void bestFitWastesNextToNothing() {
    int[] lengths = lengths(PackedSamples.WINDOW);
    int used = IntStream.of(BestFitPacking.PAPER.pack(lengths, LENGTH)).max().orElseThrow() + 1;
    int least = (IntStream.of(lengths).sum() + LENGTH - 1) / LENGTH;
    assertThat(used).isBetween(least, (int) (least * 1.01));
  }

  @Test
  void samplesHoldEachPieceOnceByThemselvesAndDoNotDependOnPartitions() {
    Dataset<Row> pieces = pieces(300);
    PackedSamples packed = new PackedSamples(BestFitPacking.PAPER, LENGTH, 17);
    List<Row> samples = packed.of(pieces.repartition(1)).orderBy("sample").collectAsList();
    assertThat(packed.of(pieces.repartition(7)).orderBy("sample").collectAsList())
        .isEqualTo(samples);
    assertThat(new PackedSamples(BestFitPacking.PAPER, LENGTH, 18).of(pieces).collectAsList())
        .isNotEqualTo(samples);
    Map<Long, String> sources = new TreeMap<>();
    Map<Long, Integer> lengths = new TreeMap<>();
    for (int i = 0; i < samples.size(); i++) {
      Row sample = samples.get(i);
      assertThat(sample.getLong(0)).isEqualTo(i);
      int tokens = 0;
      for (Row part : sample.<Row>getList(3)) {
        assertThat(part.getString(0)).isEqualTo(PackedSamples.ROLE);
        assertThat(sources.put(part.getLong(1), sample.getString(2))).isNull();
        lengths.put(part.getLong(1), part.getInt(2));
        tokens += part.getInt(2);
      }
      assertThat(tokens).isBetween(1, LENGTH);
    }
    assertThat(sources).hasSize(300);
    for (Row piece : pieces.collectAsList()) {
      assertThat(sources.get(piece.getLong(0))).isEqualTo(piece.getString(1));
      assertThat(lengths.get(piece.getLong(0))).isEqualTo(piece.getInt(2));
    }
  }

  @Test
  void aPackingThatOverfillsASequenceIsRefused() {
    Dataset<Row> pieces = pieces(30);
    assertThatThrownBy(
            () -> new PackedSamples(new AllInOne(), LENGTH, 1).of(pieces).collectAsList())
        .isInstanceOf(SparkException.class)
        .hasStackTraceContaining("made a sequence of");
  }

  /** Of a step, a rank reads whole sequences; a piece begins where the position is 0. */
  @Test
  void shardsHoldAPackedSequenceAsOneTextWithThePositionsOfItsPieces() throws IOException {
    Dataset<Row> pieces = pieces(60);
    Dataset<Row> samples =
        new SingleBucket().assign(new PackedSamples(BestFitPacking.PAPER, LENGTH, 17).of(pieces));
    PlanKey key = new PlanKey(3, 0);
    Dataset<Row> plan = new RandomBatches(8, false).plan(samples, key).rows();
    ShardManifest manifest =
        Shards.write(
            plan,
            ShardSource.of(samples, tokens(pieces), Optional.empty()),
            new Shards.Request(folder.toString(), key, 3, "plan", "sha"));
    assertThat(manifest.roles()).containsExactly(PackedSamples.ROLE);
    Map<Long, Integer> found = new TreeMap<>();
    int sequences = 0;
    for (int rank = 0; rank < 2; rank++) {
      try (ShardReader reader =
          ShardReader.open(
              folder.toString(),
              manifest,
              new ShardReader.RankOf(rank, 2),
              folder.resolve("staging"),
              new Configuration())) {
        while (reader.hasNext()) {
          sequences += read(reader.next(), found);
        }
      }
    }
    assertThat(sequences).isEqualTo((int) samples.count());
    Map<Long, Integer> expected = new TreeMap<>();
    pieces.collectAsList().forEach(row -> expected.put(row.getLong(0), row.getInt(2)));
    assertThat(found).isEqualTo(expected);
  }

  private static int read(StepBatch step, Map<Long, Integer> found) {
    RoleBatch role = step.role(PackedSamples.ROLE);
    assertThat(role.sequences()).isEqualTo(step.size());
    for (int s = 0; s < role.sequences(); s++) {
      int begins = role.cuSeqlens()[s];
      int ends = role.cuSeqlens()[s + 1];
      assertThat(ends - begins).isBetween(1, LENGTH);
      assertThat(role.positionIds()[begins]).isZero();
      assertThat(role.textIds()[s]).isEqualTo(role.tokens()[begins] / 100);
      for (int t = begins; t < ends; t++) {
        // A token is its piece's number and its place in it.
        long piece = role.tokens()[t] / 100;
        assertThat(role.tokens()[t] % 100).isEqualTo(role.positionIds()[t]);
        found.merge(piece, 1, Integer::sum);
      }
    }
    return role.sequences();
  }

  private static Dataset<Row> tokens(Dataset<Row> pieces) {
    List<Row> rows = new ArrayList<>();
    for (Row piece : pieces.collectAsList()) {
      int[] tokens = new int[piece.getInt(2)];
      Arrays.setAll(tokens, t -> (int) (piece.getLong(0) * 100 + t));
      rows.add(RowFactory.create(piece.getLong(0), tokens, tokens.length, "sha"));
    }
    return TestSpark.session().createDataFrame(rows, Tables.TOKENS);
  }

  private static Dataset<Row> pieces(int count) {
    int[] lengths = lengths(count);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(RowFactory.create((long) i, i % 3 == 0 ? "a" : "b", lengths[i]));
    }
    return TestSpark.session().createDataFrame(rows, PIECES);
  }

  /** Many short ones, some that fill a sequence. */
  private static int[] lengths(int count) {
    RandomStream random = RandomStream.of(5, "lengths", 0, 0);
    int[] lengths = new int[count];
    Arrays.setAll(
        lengths, i -> 1 + (int) Math.min(LENGTH - 1, -12 * Math.log(random.uniformAt(i))));
    return lengths;
  }

  private record AllInOne() implements CustomPacking {
    @Override
    public int[] pack(int[] lengths, int sequenceLength) {
      return new int[lengths.length];
    }
  }
}
