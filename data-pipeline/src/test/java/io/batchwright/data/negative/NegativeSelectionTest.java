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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Against a reference written from the documented rule of {@code mine_hard_negatives}: equal texts
 * of queries are one query with all their positives, and in its row of scores what is out becomes
 * minus infinity.
 */
class NegativeSelectionTest {
  private static final int TEXTS = 100;

  /** The last say what the first do, each in other letters. */
  private static final int QUERIES = 125;

  private static final int DOCUMENTS = 240;
  private static final int DIMS = 6;
  private static final int MOST_POSITIVES = 4;

  private static SparkSession spark;
  private static Dataset<Row> judged;
  private static Dataset<Row> near; // more of them than any decision here looks at
  private static Dataset<Row> candidates;
  private static Dataset<Row> positiveScores;
  private static Dataset<Row> judgements;
  private static EmbeddingTable queryVectors;
  private static EmbeddingTable documentVectors;
  private static float[][] scores;
  private static final int[][] POSITIVES = new int[TEXTS][]; // of all queries of a text

  @BeforeAll
  static void mine() {
    spark = TestSpark.session();
    float[][] queries = vectors("queries", QUERIES);
    float[][] documents = vectors("documents", DOCUMENTS);
    List<Row> qrels = new ArrayList<>();
    for (int q = 0; q < QUERIES; q++) {
      int text = text(q);
      queries[q] = queries[text];
      // The first positive is near the text; a fifth text's is at the other side of the circle.
      for (int d = 0; d < DIMS && q == text; d++) {
        documents[2 * q][d] = queries[q][d] * (q % 5 == 4 ? -1 : 1) + 0.7f * documents[2 * q][d];
      }
      int[] own =
          q == text
              ? IntStream.range(0, 1 + q % 3).map(i -> 2 * text + i).toArray()
              : new int[] {2 * text, 2 * TEXTS + text};
      for (int positive : own) {
        qrels.add(RowFactory.create(id("q", q), id("d", positive), 1));
      }
      POSITIVES[text] =
          q == text
              ? own
              : IntStream.concat(IntStream.of(POSITIVES[text]), IntStream.of(own[1])).toArray();
      qrels.add(RowFactory.create(id("q", q), id("d", 239), 0)); // judged and not relevant
    }
    queryVectors = EmbeddingTable.check("queries", table("q", queries));
    documentVectors = EmbeddingTable.check("documents", table("d", documents));
    candidates =
        new NeighbourSearch(DOCUMENTS, Similarity.COSINE, new ExactSearch(8, 32, false), 1)
            .search(queryVectors, documentVectors)
            .withColumn("miner", functions.lit("test"));
    judgements = spark.createDataFrame(qrels, Tables.QRELS);
    positiveScores =
        PairScores.of(
            judgements.where("relevance > 0"), queryVectors, documentVectors, Similarity.COSINE);
    judged = judged(candidates, positiveScores);
    near = judged.where("rank <= 90").localCheckpoint();
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
        .coalesce(1) // so that a decision needs no shuffle
        .localCheckpoint();
  }

  private static int text(int query) {
    return query % TEXTS;
  }

  private static int[] positives(int query) {
    return POSITIVES[text(query)];
  }

  /** A fifth of the queries have their positive at the other side, and negatives beyond it. */
  @Test
  void aSearchThatWidensFindsWhatOneForAllFinds() {
    NegativeSelection selection =
        new NegativeSelection(
            List.of(KnownPositives.PAPER, SameAnswer.PAPER, TopKPercPos.PAPER),
            0,
            Optional.of(DOCUMENTS),
            3,
            Sampling.TOP);
    Dataset<Row> atOnce = NegativeSelection.negatives(selection.decide(judged, MOST_POSITIVES, 0));
    List<Integer> searched = new ArrayList<>();
    List<String> widened =
        new NearestNegatives(selection, MOST_POSITIVES, DOCUMENTS, 0)
            .of(
                queryVectors,
                documentVectors,
                found -> {
                  searched.add((int) found.select("query_id").distinct().count());
                  return judged(found, positiveScores);
                },
                NegativeSelectionTest::chosen);
    assertThat(widened).isEqualTo(chosen(atOnce));
    assertThat(searched.get(0)).isEqualTo(QUERIES);
    assertThat(searched.get(1)).isBetween(QUERIES / 5, QUERIES - 1);
    assertThat(searched).hasSize(2);
    assertThat(
            atOnce
                .select("query_id", "doc_id")
                .join(candidates.where("rank > 64"), new String[] {"query_id", "doc_id"})
                .count())
        .isGreaterThan(30);
  }

  @Test
  void aRandomChoiceSearchesOnceForAll() {
    NegativeSelection selection =
        new NegativeSelection(
            List.of(KnownPositives.PAPER), 0, Optional.of(90), 3, Sampling.RANDOM);
    List<String> found =
        new NearestNegatives(selection, MOST_POSITIVES, DOCUMENTS, 7)
            .of(
                queryVectors,
                documentVectors,
                some -> judged(some, positiveScores),
                NegativeSelectionTest::chosen);
    assertThat(found)
        .isEqualTo(
            chosen(NegativeSelection.negatives(selection.decide(judged, MOST_POSITIVES, 7))));
  }

  private static List<String> chosen(Dataset<Row> negatives) {
    return negatives
        .orderBy("query_id", "rank")
        .select("query_id", "rank", "doc_id")
        .collectAsList()
        .stream()
        .map(Row::toString)
        .toList();
  }

  @Test
  void scoresOfPositivesAreThoseOfTheSearch() {
    for (Row row : judged.where("known_positive").collectAsList()) {
      int q = number(row.getAs("query_id"));
      float worst =
          (float) IntStream.of(positives(q)).mapToDouble(d -> scores[q][d]).min().getAsDouble();
      assertThat(row.<Float>getAs("positive_score")).isCloseTo(worst, within(1e-6f));
      var all = IntStream.of(positives(q)).mapToDouble(d -> scores[q][d]).summaryStatistics();
      assertThat(row.<Float>getAs("mean_positive_score"))
          .isCloseTo((float) all.getAverage(), within(1e-6f));
      assertThat(row.<Float>getAs("best_positive_score"))
          .isCloseTo((float) all.getMax(), within(1e-6f));
    }
    assertThat(judged.where("known_positive").count())
        .isEqualTo(IntStream.range(0, QUERIES).map(q -> positives(q).length).sum());
    assertThat(
            JudgedCandidates.mostPositives(
                texts("q", QUERIES, Tables.QUERIES, "query_id", "query"),
                judgements.where("relevance > 0")))
        .isEqualTo(MOST_POSITIVES)
        .isEqualTo(Arrays.stream(POSITIVES).mapToInt(p -> p.length).max().getAsInt());
  }

  /** The settings of one call, null for what is left out. */
  private record Options(
      int rangeMin,
      Integer rangeMax,
      Double max,
      Double min,
      Double absolute,
      Double relative,
      boolean includePositives) {

    Options(
        int rangeMin, Integer rangeMax, Double max, Double min, Double absolute, Double relative) {
      this(rangeMin, rangeMax, max, min, absolute, relative, false);
    }

    NegativeSelection selection(int perQuery, Sampling sampling) {
      List<NegativeFilter> filters = new ArrayList<>();
      if (!includePositives) {
        filters.add(KnownPositives.PAPER);
      }
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
      double worst = IntStream.of(positives(q)).mapToDouble(d -> judge[q][d]).min().getAsDouble();
      if (!includePositives) {
        IntStream.of(positives(q)).forEach(d -> row[d] = Double.NEGATIVE_INFINITY);
      }
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
  void equalsTheRuleOfMineHardNegatives() {
    for (Options options : combinations()) {
      equalsTheRule(options, 3);
    }
  }

  @Test
  @Tag("slow")
  void equalsTheRuleOfMineHardNegativesForEachCombination() {
    int combinations = 0;
    long chosen = 0;
    for (int bits = 0; bits < 128; bits++) {
      Options options =
          new Options(
              (bits & 1) == 0 ? 0 : 3,
              (bits & 2) == 0 ? null : Integer.valueOf(25),
              (bits & 4) == 0 ? null : Double.valueOf(0.6),
              (bits & 8) == 0 ? null : Double.valueOf(0.2),
              (bits & 16) == 0 ? null : Double.valueOf(0.1),
              (bits & 32) == 0 ? null : Double.valueOf(0.05),
              (bits & 64) != 0);
      chosen += equalsTheRule(options, 1 + combinations++ % 7);
    }
    assertThat(chosen).isGreaterThan(128L * QUERIES); // more than one a query
  }

  /** Returns how many negatives there are. */
  private static long equalsTheRule(Options options, int perQuery) {
    Map<Integer, List<Integer>> found = chosen(options.selection(perQuery, Sampling.TOP), 1);
    for (int q = 0; q < QUERIES; q++) {
      assertThat(found.getOrDefault(q, List.of()))
          .as("%s, %d of query %d", options, perQuery, q)
          .isEqualTo(options.allowed(q, perQuery).stream().limit(perQuery).toList());
    }
    return found.values().stream().mapToLong(List::size).sum();
  }

  @Test
  void equalsTheRuleWhereACrossEncoderScoresWhatWasFound() {
    RandomStream random = RandomStream.of(6, "judge", 0, 0);
    float[][] judge = new float[QUERIES][DOCUMENTS];
    List<Row> rows = new ArrayList<>();
    for (int q = 0; q < QUERIES; q++) {
      for (int d = 0; d < DOCUMENTS; d++) {
        double own = random.uniformAt((long) text(q) * DOCUMENTS + d);
        judge[q][d] = (float) (0.5 * scores[q][d] + 0.4 * own);
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
    NegativeSelection plain = combinations().get(0).selection(3, Sampling.TOP);
    assertThat(chosen(plain, rescored, 1)).isNotEqualTo(chosen(plain, 1));
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
    Options options = new Options(2, 40, 0.8, null, null, 0.1);
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
    return chosen(selection, near, seed);
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
      boolean again = prefix.equals("q") && i >= TEXTS;
      values[schema.fieldIndex(textColumn)] = again ? "Q  Text " + text(i) : prefix + " text " + i;
      values[schema.fieldIndex("source")] = "test";
      rows.add(RowFactory.create(values));
    }
    return spark.createDataFrame(rows, schema);
  }
}
