package io.batchwright.data.negative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.data.Tables;
import io.batchwright.data.TestSpark;
import io.batchwright.data.search.EmbeddingTable;
import io.batchwright.data.search.ExactSearch;
import io.batchwright.data.search.NeighbourSearch;
import io.batchwright.data.search.Similarity;
import io.batchwright.tensor.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Against a reference written from the documented rule of {@code mine_hard_negatives}: a matrix of
 * scores in which what is out becomes minus infinity.
 */
class NegativeSelectionTest {
  private static final int QUERIES = 25;
  private static final int DOCUMENTS = 90;
  private static final int DIMS = 6;
  private static final int MOST_POSITIVES = 3;

  private static SparkSession spark;
  private static Dataset<Row> judged;
  private static Dataset<Row> candidates;
  private static Dataset<Row> positiveScores;
  private static Dataset<Row> judgements;
  private static float[][] scores;
  private static final int[][] POSITIVES = new int[QUERIES][];

  @BeforeAll
  static void mine() {
    spark = TestSpark.session();
    float[][] queries = vectors("queries", QUERIES);
    float[][] documents = vectors("documents", DOCUMENTS);
    List<Row> qrels = new ArrayList<>();
    for (int q = 0; q < QUERIES; q++) {
      int query = q;
      // The first positive is near the query; a fifth query's is at the other side of the circle.
      POSITIVES[q] = IntStream.range(0, 1 + q % MOST_POSITIVES).map(i -> 3 * query + i).toArray();
      for (int d = 0; d < DIMS; d++) {
        documents[3 * q][d] = queries[q][d] * (q % 5 == 4 ? -1 : 1) + 0.7f * documents[3 * q][d];
      }
      for (int positive : POSITIVES[q]) {
        qrels.add(RowFactory.create(id("q", q), id("d", positive), 1));
      }
      qrels.add(RowFactory.create(id("q", q), id("d", 89), 0)); // judged and not relevant
    }
    EmbeddingTable queryVectors = EmbeddingTable.check("queries", table("q", queries));
    EmbeddingTable documentVectors = EmbeddingTable.check("documents", table("d", documents));
    candidates =
        new NeighbourSearch(DOCUMENTS, Similarity.COSINE, new ExactSearch(8, 32, false), 1)
            .search(queryVectors, documentVectors)
            .withColumn("miner", functions.lit("test"));
    judgements = spark.createDataFrame(qrels, Tables.QRELS);
    positiveScores =
        PairScores.of(
            judgements.where("relevance > 0"), queryVectors, documentVectors, Similarity.COSINE);
    judged = judged(candidates, positiveScores);
    scores = new float[QUERIES][DOCUMENTS];
    for (Row row : judged.select("query_id", "doc_id", "score").collectAsList()) {
      scores[number(row.getString(0))][number(row.getString(1))] = row.getFloat(2);
    }
  }

  private static Dataset<Row> judged(Dataset<Row> scored, Dataset<Row> positives) {
    return new JudgedCandidates(
            texts("q", QUERIES, Tables.QUERIES, "query_id", "query"),
            texts("d", DOCUMENTS, Tables.DOCUMENTS, "doc_id", "text"),
            judgements,
            positives,
            Optional.empty())
        .of(scored)
        .localCheckpoint();
  }

  @Test
  void scoresOfPositivesAreThoseOfTheSearch() {
    for (Row row : judged.where("known_positive").collectAsList()) {
      int q = number(row.getAs("query_id"));
      float worst =
          (float) IntStream.of(POSITIVES[q]).mapToDouble(d -> scores[q][d]).min().getAsDouble();
      assertThat(row.<Float>getAs("positive_score")).isCloseTo(worst, within(1e-6f));
      var all = IntStream.of(POSITIVES[q]).mapToDouble(d -> scores[q][d]).summaryStatistics();
      assertThat(row.<Float>getAs("mean_positive_score"))
          .isCloseTo((float) all.getAverage(), within(1e-6f));
      assertThat(row.<Float>getAs("best_positive_score"))
          .isCloseTo((float) all.getMax(), within(1e-6f));
    }
    assertThat(judged.where("known_positive").count())
        .isEqualTo(Arrays.stream(POSITIVES).mapToInt(p -> p.length).sum());
  }

  /** The settings of one call, null for what is left out. */
  private record Options(
      int rangeMin, Integer rangeMax, Double max, Double min, Double absolute, Double relative) {

    NegativeSelection selection(int perQuery, Sampling sampling) {
      List<NegativeFilter> filters = new ArrayList<>(List.of(KnownPositives.PAPER));
      if (absolute != null) {
        filters.add(new AbsoluteMargin(absolute));
      }
      if (relative != null) {
        filters.add(new RelativeMargin(relative));
      }
      if (max != null || min != null) {
        filters.add(new ScoreRange(Optional.ofNullable(min), Optional.ofNullable(max)));
      }
      return new NegativeSelection(
          filters, rangeMin, Optional.ofNullable(rangeMax), perQuery, sampling);
    }

    /** The documented rule: what may be chosen for a query, best first. */
    List<Integer> allowed(int q, int perQuery) {
      return allowed(q, perQuery, scores);
    }

    /** The same where another model scores what the search found. */
    List<Integer> allowed(int q, int perQuery, float[][] judge) {
      int range =
          rangeMax != null
              ? rangeMax
              : rangeMin
                  + perQuery * (absolute != null || relative != null || max != null ? 10 : 1)
                  + MOST_POSITIVES;
      double[] row = new double[DOCUMENTS];
      Arrays.setAll(row, d -> judge[q][d]);
      Comparator<Integer> best =
          Comparator.<Integer>comparingDouble(d -> -row[d])
              .thenComparing(Comparator.naturalOrder());
      List<Integer> pool =
          IntStream.range(0, DOCUMENTS)
              .boxed()
              .sorted(
                  Comparator.<Integer>comparingDouble(d -> -scores[q][d])
                      .thenComparing(Comparator.naturalOrder()))
              .limit(range + MOST_POSITIVES)
              .collect(Collectors.toList());
      double worst = IntStream.of(POSITIVES[q]).mapToDouble(d -> judge[q][d]).min().getAsDouble();
      IntStream.of(POSITIVES[q]).forEach(d -> row[d] = Double.NEGATIVE_INFINITY);
      for (int d = 0; d < DOCUMENTS; d++) {
        if (absolute != null && row[d] + absolute > worst
            || relative != null && row[d] > worst - Math.abs(worst) * relative
            || max != null && row[d] > max
            || min != null && row[d] < min) {
          row[d] = Double.NEGATIVE_INFINITY;
        }
      }
      pool.sort(best);
      return pool.stream()
          .limit(range)
          .skip(rangeMin)
          .filter(d -> row[d] != Double.NEGATIVE_INFINITY)
          .toList();
    }
  }

  private static List<Options> combinations() {
    return List.of(
        new Options(0, null, null, null, null, null),
        new Options(3, null, null, null, null, null),
        new Options(0, 20, null, null, null, null),
        new Options(5, 12, null, null, null, null),
        new Options(0, null, 0.4, null, null, null),
        new Options(0, null, null, 0.5, null, null),
        new Options(2, 40, 0.6, 0.1, null, null),
        new Options(0, null, null, null, 0.2, null),
        new Options(0, null, null, null, null, 0.05),
        new Options(0, null, null, null, null, 0.5),
        new Options(2, 30, null, null, 0.1, 0.1),
        new Options(1, 60, 0.7, 0.2, 0.05, 0.2));
  }

  @Test
  void equalsTheRuleOfMineHardNegativesForEachCombination() {
    for (Options options : combinations()) {
      NegativeSelection selection = options.selection(3, Sampling.TOP);
      Map<Integer, List<Integer>> found = chosen(selection, 1);
      for (int q = 0; q < QUERIES; q++) {
        assertThat(found.getOrDefault(q, List.of()))
            .as("%s of query %d", options, q)
            .isEqualTo(options.allowed(q, 3).stream().limit(3).toList());
      }
    }
  }

  @Test
  void equalsTheRuleWhereACrossEncoderScoresWhatWasFound() {
    RandomStream random = RandomStream.of(6, "judge", 0, 0);
    float[][] judge = new float[QUERIES][DOCUMENTS];
    List<Row> rows = new ArrayList<>();
    for (int q = 0; q < QUERIES; q++) {
      for (int d = 0; d < DOCUMENTS; d++) {
        judge[q][d] = (float) (0.5 * scores[q][d] + 0.4 * random.uniformAt(q * DOCUMENTS + d));
        rows.add(RowFactory.create(id("q", q), id("d", d), judge[q][d]));
      }
    }
    StructType schema =
        new StructType()
            .add("query_id", DataTypes.StringType)
            .add("doc_id", DataTypes.StringType)
            .add("score", DataTypes.FloatType);
    Rescoring rescoring = new Rescoring(spark.createDataFrame(rows, schema));
    Dataset<Row> rescored = judged(rescoring.of(candidates), rescoring.of(positiveScores));
    for (Options options : combinations().subList(6, 12)) {
      Map<Integer, List<Integer>> found = chosen(options.selection(3, Sampling.TOP), rescored, 1);
      for (int q = 0; q < QUERIES; q++) {
        assertThat(found.getOrDefault(q, List.of()))
            .as("%s of query %d", options, q)
            .isEqualTo(options.allowed(q, 3, judge).stream().limit(3).toList());
      }
    }
    assertThat(chosen(combinations().get(0).selection(3, Sampling.TOP), rescored, 1))
        .isNotEqualTo(chosen(combinations().get(0).selection(3, Sampling.TOP), 1));
  }

  @Test
  void randomChoiceIsAmongTheOptionsAndFollowsTheSeed() {
    Options options = new Options(2, 30, null, null, null, 0.1);
    NegativeSelection selection = options.selection(4, Sampling.RANDOM);
    Map<Integer, List<Integer>> first = chosen(selection, 1);
    for (int q = 0; q < QUERIES; q++) {
      List<Integer> allowed = options.allowed(q, 4);
      List<Integer> found = first.getOrDefault(q, List.of());
      assertThat(found).hasSize(Math.min(4, allowed.size()));
      assertThat(allowed).containsAll(found);
      assertThat(found).isSortedAccordingTo(Comparator.comparingInt(allowed::indexOf));
    }
    assertThat(chosen(selection, 1)).isEqualTo(first);
    assertThat(chosen(selection, 2)).isNotEqualTo(first);
  }

  @Test
  void everyCandidateHasAReasonOrAPlace() {
    Options options = new Options(2, 12, 0.6, null, null, 0.1);
    Dataset<Row> decided =
        options.selection(3, Sampling.TOP).decide(judged, MOST_POSITIVES, 1).localCheckpoint();
    assertThat(decided.count()).isEqualTo((long) QUERIES * DOCUMENTS);
    assertThat(decided.where("(reason IS NULL) = (place IS NULL)").count()).isZero();
    Set<String> reasons = new TreeSet<>();
    decided
        .select("reason")
        .where("reason IS NOT NULL")
        .distinct()
        .collectAsList()
        .forEach(row -> reasons.add(row.getString(0)));
    assertThat(reasons)
        .containsExactly(
            "before_range",
            "beyond_range",
            "known_positive",
            "not_chosen",
            "relative_margin",
            "score_range");
    Dataset<Row> negatives = NegativeSelection.negatives(decided);
    assertThat(negatives.schema().names()).isEqualTo(Tables.CANDIDATES.names());
    assertThat(negatives.agg(functions.max("rank")).head().getInt(0)).isEqualTo(3);
  }

  @Test
  void aGuideTakesOutWhatItPrefersToThePositive() {
    // The guide's scores are the miner's turned around.
    Dataset<Row> guided =
        judged
            .withColumn("guide_score", functions.expr("-score"))
            .withColumn("guide_positive_score", functions.expr("-positive_score"));
    Dataset<Row> kept = guided.where(functions.not(GuideDisagreement.PAPER.excludes()));
    assertThat(kept.where("score < positive_score").count()).isZero();
    assertThat(kept.count()).isPositive();
    assertThat(judged.where(GuideDisagreement.PAPER.excludes()).count()).isZero();
    // It is heard by default.
    NegativeSelection defaults = NegativeSelection.DEFAULTS;
    assertThat(
            defaults
                .decide(guided, MOST_POSITIVES, 1)
                .where("reason = 'guide_disagrees' AND score <= 0.9 * positive_score")
                .count())
        .isPositive();
    assertThat(
            defaults.decide(judged, MOST_POSITIVES, 1).where("reason = 'guide_disagrees'").count())
        .isZero();
  }

  @Test
  void percPosIsARelativeMargin() {
    List<Row> byShare =
        judged.where(new TopKPercPos(0.75, PositiveReference.WORST).excludes()).collectAsList();
    assertThat(byShare)
        .isNotEmpty()
        .isEqualTo(judged.where(new RelativeMargin(0.25).excludes()).collectAsList());
  }

  @Test
  void aHigherReferenceLeavesMore() {
    long[] left = new long[3];
    for (PositiveReference reference : PositiveReference.values()) {
      Dataset<Row> kept = judged.where(functions.not(new TopKPercPos(0.9, reference).excludes()));
      left[reference.ordinal()] = kept.count();
      assertThat(
              kept.where(
                      reference
                          .score()
                          .gt(0)
                          .and(functions.expr("score > best_positive_score * 0.9")))
                  .count())
          .isZero();
    }
    assertThat(left[0]).isLessThan(left[1]);
    assertThat(left[1]).isLessThan(left[2]);
  }

  @Test
  void rangesAreChecked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Options(5, 7, null, null, null, null).selection(3, Sampling.TOP))
        .withMessageContaining("7 is less than 5 + 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ScoreRange(Optional.of(0.5), Optional.of(0.4)))
        .withMessage("ScoreRange.minimum must not be above ScoreRange.maximum");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TopKPercPos(1.5, PositiveReference.WORST))
        .withMessage("TopKPercPos.share must be in (0, 1], got 1.5");
  }

  private static Map<Integer, List<Integer>> chosen(NegativeSelection selection, long seed) {
    return chosen(selection, judged, seed);
  }

  private static Map<Integer, List<Integer>> chosen(
      NegativeSelection selection, Dataset<Row> of, long seed) {
    Map<Integer, List<Integer>> chosen = new TreeMap<>();
    for (Row row :
        NegativeSelection.negatives(selection.decide(of, MOST_POSITIVES, seed))
            .orderBy("query_id", "rank")
            .collectAsList()) {
      chosen
          .computeIfAbsent(number(row.getString(0)), q -> new ArrayList<>())
          .add(number(row.getString(1)));
    }
    return new HashMap<>(chosen);
  }

  private static String id(String prefix, int number) {
    return "%s%03d".formatted(prefix, number);
  }

  private static int number(String id) {
    return Integer.parseInt(id.substring(1));
  }

  private static float[][] vectors(String purpose, int count) {
    RandomStream random = RandomStream.of(3, purpose, 0, 0);
    float[][] vectors = new float[count][DIMS];
    for (int i = 0; i < count; i++) {
      for (int d = 0; d < DIMS; d++) {
        vectors[i][d] = (float) random.gaussianAt((long) i * DIMS + d);
      }
    }
    return vectors;
  }

  private static Dataset<Row> table(String prefix, float[][] vectors) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < vectors.length; i++) {
      rows.add(RowFactory.create(id(prefix, i), vectors[i]));
    }
    return spark.createDataFrame(
        rows,
        new StructType()
            .add("id", DataTypes.StringType)
            .add("embedding", DataTypes.createArrayType(DataTypes.FloatType)));
  }

  private static Dataset<Row> texts(
      String prefix, int count, StructType schema, String idColumn, String textColumn) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Object[] values = new Object[schema.length()];
      values[schema.fieldIndex(idColumn)] = id(prefix, i);
      values[schema.fieldIndex(textColumn)] = prefix + " text " + i;
      values[schema.fieldIndex("source")] = "test";
      rows.add(RowFactory.create(values));
    }
    return spark.createDataFrame(rows, schema);
  }
}
