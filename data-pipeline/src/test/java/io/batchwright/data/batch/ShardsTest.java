package io.batchwright.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.Tables;
import io.batchwright.data.TestSpark;
import io.batchwright.data.bucket.LengthBuckets;
import io.batchwright.data.failure.BatchwrightException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.message.ArrowBlock;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardsTest {
  private static final int SAMPLES = 500;
  private static final Configuration HADOOP = new Configuration();

  private static SparkSession spark;
  @TempDir private Path directory;

  @BeforeAll
  static void start() {
    spark = TestSpark.session();
  }

  private static Dataset<Row> tokens() {
    Map<Long, Integer> lengths = new TreeMap<>();
    for (Row sample : PlanTest.samples(spark, SAMPLES, 1).collectAsList()) {
      for (Object part : sample.getList(3)) {
        lengths.merge(((Row) part).getLong(1), ((Row) part).getInt(2), Math::max);
      }
    }
    List<Row> rows = new ArrayList<>();
    lengths.forEach((text, length) -> rows.add(tokenRow(text, length)));
    return spark.createDataFrame(rows, Tables.TOKENS);
  }

  private static Row tokenRow(long text, int length) {
    int[] tokens = new int[length];
    for (int i = 0; i < length; i++) {
      tokens[i] = (int) (text * 131 + i);
    }
    return RowFactory.create(text, tokens, length, "sha");
  }

  private ShardManifest write(Path target, int partitions, int lanes, int perStep)
      throws IOException {
    PlanKey key = new PlanKey(11, 3);
    Dataset<Row> samples =
        new LengthBuckets(3).assign(PlanTest.samples(spark, SAMPLES, partitions));
    Plan plan = new RandomBatches(perStep, true).plan(samples, key);
    return Shards.write(
        plan.rows(),
        ShardSource.of(samples, tokens(), Optional.empty()),
        new Shards.Request(target.toString(), key, lanes, "plan", "sha"));
  }

  private ShardReader reader(Path from, ShardManifest manifest, int rank, int world)
      throws IOException {
    return ShardReader.open(
        from.toString(),
        manifest,
        new ShardReader.RankOf(rank, world),
        directory.resolve("staging"),
        HADOOP);
  }

  private static Path file(Path target, ShardFile file) {
    return target.resolve("epoch-00003").resolve(file.name());
  }

  @Test
  void everyRankReadsItsSamplesOfEveryStepWithTheirTokens() throws IOException {
    ShardManifest manifest = write(directory, 3, 4, 64);
    assertThat(manifest.steps()).isEqualTo(7);
    assertThat(manifest.samplesPerStep()).containsOnly(64);
    assertThat(ShardManifest.read(directory.toString(), 3, HADOOP))
        .usingRecursiveComparison()
        .isEqualTo(manifest);
    for (int world : new int[] {1, 2, 3, 4}) {
      Placement placement = new Placement(4, world);
      List<List<Integer>> positions = new ArrayList<>();
      for (int step = 0; step < 7; step++) {
        positions.add(new ArrayList<>());
      }
      for (int rank = 0; rank < world; rank++) {
        try (ShardReader reader = reader(directory, manifest, rank, world)) {
          while (reader.hasNext()) {
            StepBatch batch = reader.next();
            assertThat(batch.epoch()).isEqualTo(3);
            assertThat(batch.size()).isEqualTo(placement.samplesOf(rank, 64));
            for (int slot = 0; slot < batch.size(); slot++) {
              int position = batch.positions()[slot];
              assertThat(placement.rankOf(position, 64)).isEqualTo(rank);
              assertThat(placement.slotOf(position, 64)).isEqualTo(slot);
              positions.get((int) batch.step()).add(position);
            }
            checkRole(batch.role("query"));
            checkRole(batch.role("positive"));
          }
        }
      }
      for (List<Integer> ofStep : positions) {
        assertThat(ofStep).hasSize(64).doesNotHaveDuplicates();
      }
    }
  }

  private static void checkRole(RoleBatch role) {
    for (int i = 0; i < role.sequences(); i++) {
      for (int at = role.cuSeqlens()[i]; at < role.cuSeqlens()[i + 1]; at++) {
        int position = at - role.cuSeqlens()[i];
        assertThat(role.tokens()[at]).isEqualTo((int) (role.textIds()[i] * 131 + position));
        assertThat(role.positionIds()[at]).isEqualTo(position);
      }
    }
  }

  @Test
  void theBytesAreTheSameForAnyPartitioning() throws IOException {
    List<String> expected = null;
    for (int partitions : new int[] {1, 3, 7}) {
      ShardManifest manifest = write(directory.resolve("p" + partitions), partitions, 2, 32);
      List<String> hashes = manifest.files().stream().map(ShardFile::xxh3).toList();
      expected = expected == null ? hashes : expected;
      assertThat(hashes).hasSize(2).isEqualTo(expected);
    }
  }

  /** Epochs that share a job, with other batches and lanes, have the bytes of each alone. */
  @Test
  void epochsWrittenTogetherHaveTheBytesOfEachAlone() throws IOException {
    Dataset<Row> samples = new LengthBuckets(3).assign(PlanTest.samples(spark, SAMPLES, 2));
    ShardSource source = ShardSource.of(samples, tokens(), Optional.empty());
    List<Shards.Request> requests = new ArrayList<>();
    Dataset<Row> plan = null;
    for (int epoch : new int[] {4, 0, 2}) {
      PlanKey key = new PlanKey(11, epoch);
      requests.add(
          new Shards.Request(
              directory.resolve("together").toString(), key, 2 + epoch, "plan", "sha"));
      Dataset<Row> rows = new RandomBatches(40 + 8 * epoch, true).plan(samples, key).rows();
      plan = plan == null ? rows : plan.union(rows);
    }
    // Of an epoch without a step there are lanes without a batch.
    requests.add(
        new Shards.Request(
            directory.resolve("together").toString(), new PlanKey(11, 7), 2, "plan", "sha"));
    List<ShardManifest> together = new ArrayList<>();
    Shards.write(plan, source, requests, together::add);
    assertThat(together).extracting(ShardManifest::epoch).containsExactly(4, 0, 2, 7);
    assertThat(together).extracting(ShardManifest::steps).containsExactly(6L, 12L, 8L, 0L);
    for (int i = 0; i < requests.size(); i++) {
      Shards.Request request = requests.get(i);
      ShardManifest alone =
          Shards.write(
              plan,
              source,
              new Shards.Request(
                  directory.resolve("alone").toString(),
                  request.key(),
                  request.lanes(),
                  "plan",
                  "sha"));
      assertThat(together.get(i))
          .usingRecursiveComparison()
          .ignoringFieldsMatchingRegexes("files.*")
          .isEqualTo(alone);
      assertThat(together.get(i).files())
          .usingRecursiveFieldByFieldElementComparatorIgnoringFields("name")
          .isEqualTo(alone.files());
    }
  }

  @Test
  void anEpochIsAskedForOnce() {
    Dataset<Row> samples = new LengthBuckets(3).assign(PlanTest.samples(spark, SAMPLES, 2));
    Shards.Request request =
        new Shards.Request(directory.toString(), new PlanKey(11, 3), 2, "plan", "sha");
    Dataset<Row> plan = new RandomBatches(64, true).plan(samples, new PlanKey(11, 3)).rows();
    ShardSource source = ShardSource.of(samples, tokens(), Optional.empty());
    assertThatThrownBy(() -> Shards.write(plan, source, List.of(request, request), m -> {}))
        .hasMessageContaining("must be of different epochs");
  }

  @Test
  void aStepIsReachedWithoutReadingWhatLiesBefore() throws IOException {
    ShardManifest manifest = write(directory, 3, 2, 32);
    List<StepBatch> all = new ArrayList<>();
    try (ShardReader reader = reader(directory, manifest, 1, 2)) {
      reader.forEachRemaining(all::add);
    }
    try (ShardReader reader = reader(directory, manifest, 1, 2)) {
      reader.seek(9);
      assertThat(reader.next()).usingRecursiveComparison().isEqualTo(all.get(9));
      assertThat(reader.nextStep()).isEqualTo(10);
      reader.seek(2);
      assertThat(reader.next()).usingRecursiveComparison().isEqualTo(all.get(2));
      reader.seek(manifest.steps());
      assertThat(reader.hasNext()).isFalse();
      assertThatThrownBy(() -> reader.seek(manifest.steps() + 1))
          .hasMessageContaining("[0, " + manifest.steps() + "]");
    }
  }

  @Test
  void aLaneWithoutSamplesStillHasEveryStep() throws IOException {
    ShardManifest manifest = write(directory, 2, 5, 3);
    try (ShardReader reader = reader(directory, manifest, 0, 5)) {
      int steps = 0;
      while (reader.hasNext()) {
        StepBatch batch = reader.next();
        assertThat(batch.size()).isZero();
        assertThat(batch.role("query").cuSeqlens()).containsExactly(0);
        steps++;
      }
      assertThat(steps).isEqualTo((int) manifest.steps()).isEqualTo(166);
    }
  }

  @Test
  void theStockArrowReaderReadsAlignedBuffersWithoutValidity() throws IOException {
    ShardManifest manifest = write(directory, 2, 1, 32);
    Path path = file(directory, manifest.files().get(0));
    try (ShardReader own = reader(directory, manifest, 0, 1);
        RootAllocator allocator = new RootAllocator();
        SeekableByteChannel channel = Files.newByteChannel(path);
        ArrowFileReader stock = new ArrowFileReader(channel, allocator)) {
      for (ArrowBlock block : stock.getRecordBlocks()) {
        assertThat((block.getOffset() + block.getMetadataLength()) % 64).isZero();
        assertThat(stock.loadRecordBatch(block)).isTrue();
        StepBatch batch = own.next();
        var root = stock.getVectorSchemaRoot();
        assertThat(root.getRowCount()).isEqualTo(1);
        assertThat(((BigIntVector) root.getVector("step")).get(0)).isEqualTo(batch.step());
        assertThat(((ListVector) root.getVector("positive_tokens")).getObject(0))
            .isEqualTo(Arrays.stream(batch.role("positive").tokens()).boxed().toList());
        assertThat(((ListVector) root.getVector("sample")).getObject(0))
            .isEqualTo(Arrays.stream(batch.samples()).boxed().toList());
        assertThat(((ListVector) root.getVector("weight")).getObject(0))
            .isEqualTo(java.util.Collections.nCopies(batch.size(), 1.0f));
      }
    }
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    ShardManifest manifest = write(directory, 2, 1, 32);
    ShardFile file = manifest.files().get(0);
    try (FileChannel channel = FileChannel.open(file(directory, file), StandardOpenOption.WRITE)) {
      channel.write(
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 77), file.bytes() / 2);
    }
    try (ShardReader reader = reader(directory, manifest, 0, 1)) {
      assertThatThrownBy(reader::next)
          .isInstanceOf(BatchwrightException.class)
          .hasMessageContaining(file.name())
          .hasMessageContaining("xxh3");
    }
    Files.write(file(directory, file), new byte[10]);
    try (ShardReader reader = reader(directory, manifest, 0, 1)) {
      assertThatThrownBy(reader::next).hasMessageContaining("has 10 bytes");
    }
  }

  @Test
  void filesThatTheManifestDoesNotNameAreRemoved() throws IOException {
    Path epoch = directory.resolve("epoch-00003");
    Files.createDirectories(epoch);
    Files.writeString(epoch.resolve("lane-00000-step-00000000-attempt-99.arrow"), "stray");
    ShardManifest manifest = write(directory, 2, 2, 32);
    try (var files = Files.list(epoch)) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .filteredOn(name -> name.endsWith(".arrow"))
          .containsExactlyInAnyOrderElementsOf(
              manifest.files().stream().map(ShardFile::name).toList());
    }
  }

  @Test
  void fewerLanesThanRanksAreRefused() throws IOException {
    ShardManifest manifest = write(directory, 2, 2, 32);
    assertThatThrownBy(() -> reader(directory, manifest, 0, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least the world (3 ranks), got 2");
  }

  @Test
  void aQueryWithSeveralPositivesKnowsAllOfThem() throws IOException {
    ShardManifest manifest = write(directory, 3, 3, 16);
    assertThat(manifest.knownPositives()).isTrue();
    Map<Long, List<Row>> byQuery =
        PlanTest.samples(spark, SAMPLES, 1).collectAsList().stream()
            .collect(Collectors.groupingBy(row -> row.getLong(4)));
    int several = 0;
    for (int rank = 0; rank < 2; rank++) { // rank 0 joins two lanes
      try (ShardReader reader = reader(directory, manifest, rank, 2)) {
        while (reader.hasNext()) {
          StepBatch batch = reader.next();
          KnownPositives known = batch.knownPositives();
          for (int i = 0; i < batch.size(); i++) {
            long[] positives =
                byQuery.get(batch.equalHash()[i]).stream()
                    .mapToLong(row -> row.<Row>getList(3).get(1).getLong(1))
                    .distinct()
                    .sorted()
                    .toArray();
            several += positives.length > 1 ? 1 : 0;
            assertThat(
                    Arrays.copyOfRange(known.textIds(), known.offsets()[i], known.offsets()[i + 1]))
                .isEqualTo(positives.length > 1 ? positives : new long[0]);
          }
        }
      }
    }
    assertThat(several).isPositive();
  }

  /** Two negatives a sample, a score for all but queries, and guide vectors of three dims. */
  private static Dataset<Row> taught(int partitions) {
    StructType part = Tables.PART.add("score", DataTypes.FloatType, true);
    StructType schema =
        new StructType()
            .add(Tables.SAMPLES.apply("sample"))
            .add(Tables.SAMPLES.apply("sample_id"))
            .add(Tables.SAMPLES.apply("source"))
            .add("parts", DataTypes.createArrayType(part, false), false)
            .add(Tables.SAMPLES.apply("equal_hash"));
    List<Row> rows = new ArrayList<>();
    for (long i = 0; i < 50; i++) {
      List<Row> parts =
          List.of(
              RowFactory.create("query", i, 3, null),
              RowFactory.create("positive", 100 + i, 4, 0.5f + i),
              RowFactory.create("negative", 200 + i, 5, 0.25f + i),
              RowFactory.create("negative", 201 + i, 5, 0.125f + i));
      rows.add(RowFactory.create(i, "s" + i, "source", parts, i));
    }
    return spark.createDataFrame(rows, schema).repartition(partitions);
  }

  private static Dataset<Row> taughtTokens() {
    List<Row> rows = new ArrayList<>();
    for (long text = 0; text <= 250; text++) {
      rows.add(tokenRow(text, text < 100 ? 3 : text < 200 ? 4 : 5));
    }
    return spark.createDataFrame(rows, Tables.TOKENS);
  }

  private static Dataset<Row> guide(long missing, long longer) {
    List<Row> rows = new ArrayList<>();
    for (long text = 0; text <= 250; text++) {
      if (text != missing) {
        float[] vector = new float[text == longer ? 4 : 3];
        Arrays.fill(vector, text);
        rows.add(RowFactory.create(text, vector, "sha"));
      }
    }
    return spark.createDataFrame(rows, Tables.EMBEDDINGS);
  }

  private ShardManifest writeTaught(Dataset<Row> samples, Dataset<Row> guide) throws IOException {
    PlanKey key = new PlanKey(11, 3);
    Dataset<Row> bucketed = new LengthBuckets(3).assign(samples);
    return Shards.write(
        new RandomBatches(16, true).plan(bucketed, key).rows(),
        ShardSource.of(bucketed, taughtTokens(), Optional.of(guide)),
        new Shards.Request(directory.toString(), key, 3, "plan", "sha"));
  }

  @Test
  void minedNegativesScoresAndGuideVectorsStandBesideTheirTexts() throws IOException {
    ShardManifest manifest = writeTaught(taught(3), guide(-1, -1));
    assertThat(manifest.roles()).containsExactly("query", "positive", "negative");
    assertThat(manifest.scores()).isTrue();
    assertThat(manifest.guide()).isTrue();
    int seen = 0;
    for (int rank = 0; rank < 2; rank++) { // rank 0 joins two lanes
      try (ShardReader reader = reader(directory, manifest, rank, 2)) {
        while (reader.hasNext()) {
          StepBatch batch = reader.next();
          RoleBatch negatives = batch.role("negative");
          assertThat(negatives.sequences()).isEqualTo(2 * batch.size());
          assertThat(batch.role("positive").guideDims()).isEqualTo(3);
          for (int i = 0; i < batch.size(); i++) {
            long sample = batch.samples()[i];
            assertThat(batch.role("query").scores()[i]).isNaN();
            assertThat(batch.role("positive").scores()[i]).isEqualTo(0.5f + sample);
            assertThat(negatives.textIds()[2 * i]).isEqualTo(200 + sample);
            assertThat(negatives.textIds()[2 * i + 1]).isEqualTo(201 + sample);
            assertThat(negatives.scores()[2 * i]).isEqualTo(0.25f + sample);
            assertThat(negatives.scores()[2 * i + 1]).isEqualTo(0.125f + sample);
            float a = 200 + sample;
            float b = 201 + sample;
            assertThat(Arrays.copyOfRange(negatives.guide(), 6 * i, 6 * i + 6))
                .containsExactly(a, a, a, b, b, b);
            seen++;
          }
        }
      }
    }
    assertThat(seen).isEqualTo(48);
  }

  @Test
  void aGuideThatLacksATextOrMixesLengthsIsRefused() {
    assertThatThrownBy(() -> writeTaught(taught(2), guide(220, -1)))
        .rootCause()
        .hasMessage("the guide has no vector of text 220");
    assertThatThrownBy(() -> writeTaught(taught(2), guide(-1, 220)))
        .rootCause()
        .hasMessageContaining("the guide's vectors have unequal lengths");
  }

  @Test
  void samplesWithUnequalNumbersOfNegativesAreRefused() {
    Dataset<Row> uneven =
        taught(2)
            .withColumn("parts", functions.expr("IF(sample % 10 = 7, slice(parts, 1, 3), parts)"));
    assertThatThrownBy(() -> writeTaught(uneven, guide(-1, -1)))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("each sample needs the same number of texts with the same roles")
        .hasMessageContaining("[negative, negative, positive, query]");
  }
}
