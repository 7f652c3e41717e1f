package io.batchwright.train.loss;

import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * What this rank's anchors, queries or positives, are scored against: columns of the global batch,
 * laid end to end, and a mask.
 *
 * <pre>
 * Candidates c = Candidates.ofQueries(pairs, falseNegatives);
 * int positives = c.positives(true);   // [N, D], the own one stays in
 * c.negatives();                                    // [M, D] where the samples have any
 * Scored scored = c.score(g, pairs.queries(), 1 / temperature);   // [b, C]
 * </pre>
 */
final class Candidates {
  private final EmbeddingPairs pairs;
  private final FalseNegatives falseNegatives;
  private final boolean ofQueries;
  private final List<Variable> columns = new ArrayList<>();
  private final List<int[]> excluded = new ArrayList<>();
  private int width;

  private Candidates(EmbeddingPairs pairs, FalseNegatives falseNegatives, boolean ofQueries) {
    this.pairs = pairs;
    this.falseNegatives = falseNegatives;
    this.ofQueries = ofQueries;
  }

  /** Of the queries of this rank. */
  static Candidates ofQueries(EmbeddingPairs pairs, FalseNegatives falseNegatives) {
    return new Candidates(pairs, falseNegatives, true);
  }

  /** Of the positives of this rank. */
  static Candidates ofPositives(EmbeddingPairs pairs, FalseNegatives falseNegatives) {
    return new Candidates(pairs, falseNegatives, false);
  }

  /**
   * Adds the positives of all pairs.
   *
   * @param own whether that of the anchor's own pair is a candidate
   * @return the column of the first
   */
  int positives(boolean own) {
    return add(
        pairs.gathered().positives(),
        own,
        ofQueries ? falseNegatives::answersOf : falseNegatives::related);
  }

  /**
   * Adds the queries of all pairs.
   *
   * @param own whether that of the anchor's own pair is a candidate
   * @return the column of the first
   */
  int queries(boolean own) {
    return add(
        pairs.gathered().queries(),
        own,
        ofQueries ? falseNegatives::related : falseNegatives::answeredBy);
  }

  private int add(Variable rows, boolean own, Known known) {
    int first = width;
    for (int i = 0; i < pairs.count(); i++) {
      int row = i;
      int global = pairs.rowOffset() + i;
      if (!own) {
        exclude(row, first + global);
      }
      known.of(global, j -> exclude(row, first + j));
    }
    return append(rows);
  }

  /** The pairs that are no negatives of a pair. */
  private interface Known {
    void of(int pair, IntConsumer consumer);
  }

  /**
   * Adds the mined negatives of all pairs, where there are any; returns the column of the first.
   */
  int negatives() {
    int first = width;
    if (pairs.gathered().negatives().isEmpty()) {
      return first;
    }
    for (int i = 0; i < pairs.count(); i++) {
      int row = i;
      falseNegatives.negativesLike(pairs.rowOffset() + i, k -> exclude(row, first + k));
    }
    return append(pairs.gathered().negatives().get().vectors());
  }

  /** Takes a candidate out. */
  void exclude(int row, int column) {
    excluded.add(new int[] {row, column});
  }

  private int append(Variable rows) {
    int first = width;
    columns.add(rows);
    width += rows.shape().dim(0);
    return first;
  }

  int width() {
    return width;
  }

  /** All candidates, [C, D]. */
  Variable rows(Graph g) {
    return columns.size() == 1 ? columns.get(0) : g.concatRows(columns);
  }

  CandidateMask mask() {
    CandidateMask mask = new CandidateMask(pairs.count(), width);
    excluded.forEach(cell -> mask.exclude(cell[0], cell[1]));
    return mask;
  }

  /**
   * Scores {@code scale * anchor . candidate}.
   *
   * @param anchors [b, D]
   */
  Scored score(Graph g, Variable anchors, double scale) {
    return new Scored(g.matmul(anchors, false, rows(g), true, scale), mask());
  }

  /**
   * The sum over anchors of {@code log sum exp of all candidates' scores - own score}: a scalar.
   *
   * <p>A matrix of scores of more than {@code wholeBytes} is not kept; it goes through in tiles and
   * is computed again on the way back.
   *
   * @param anchors [b, D]
   * @param first the column of the first own candidate
   */
  Variable crossEntropy(Graph g, Variable anchors, double scale, int first, long wholeBytes) {
    int[] own = own(first);
    long bytes = (long) own.length * width * anchors.value().dtype().bytes();
    if (bytes <= wholeBytes) {
      Scored scored = score(g, anchors, scale); // [b, C]
      return g.sum(g.sub(scored.logSumExp(g), scored.pick(g, own)));
    }
    Map<Integer, List<Integer>> out = new HashMap<>();
    excluded.forEach(cell -> out.computeIfAbsent(cell[0], row -> new ArrayList<>()).add(cell[1]));
    return TiledCrossEntropy.DEFAULT.sum(
        g,
        anchors,
        rows(g),
        g.arena().ints("own columns", own, own.length),
        scale,
        row -> out.getOrDefault(row, List.of()).stream().mapToInt(Integer::intValue).toArray());
  }

  /** The own column of each local pair in the block that starts at {@code first}, [b]. */
  int[] own(int first) {
    int[] own = new int[pairs.count()];
    Arrays.setAll(own, i -> first + pairs.rowOffset() + i);
    return own;
  }

  /**
   * Scores and which of them count.
   *
   * @param scores [b, C]
   */
  record Scored(Variable scores, CandidateMask mask) {
    /** {@code log sum exp} of each row, [b]; minus infinity where all candidates are out. */
    Variable logSumExp(Graph g) {
      return g.logSumExpRows(scores, mask.tensor(g.arena()));
    }

    /** The score of one column in each row, [b]. */
    Variable pick(Graph g, int[] chosen) {
      return g.pick(scores, g.arena().ints("columns", chosen, chosen.length));
    }

    /** The columns of both, side by side. */
    Scored beside(Graph g, Scored other) {
      return new Scored(g.concatColumns(List.of(scores, other.scores)), mask.beside(other.mask));
    }
  }
}
