package io.batchwright.jobs.bench.negatives;

import java.io.IOException;
import java.util.List;

/**
 * One way of choosing negatives.
 *
 * @param name such as A0, with which all others are compared
 * @param title in words
 * @param metric its part of metric names, such as {@code ngame}; empty where it has none
 * @param refreshed whether it makes batches or negatives anew after an epoch, so that it differs
 *     from others only in trainings of more than one
 * @param change from the recipe of A0
 */
record Arm(String name, String title, String metric, boolean refreshed, Change change) {
  /** Makes an arm's settings, and what they need. */
  @FunctionalInterface
  interface Change {
    void apply(ArmSettings settings, Ingredients made) throws IOException;
  }

  /** What all arms are compared with. */
  static final String BASELINE = "A0";

  /** The negative control. */
  static final String CONTROL = "C1";

  /**
   * The comparison that was named before any was run; the others are corrected for their number.
   */
  static final String PRIMARY = "A4";

  /** Clusters of topics with a guide, for the study of injected false negatives alone. */
  static final String GUIDED_CLUSTERS = "A1G";

  /** The control of C2. */
  static final String SECOND_CONTROL = "C3";

  private static final int NEGATIVES = 3;

  /** All arms, in the order of the tables. */
  static final List<Arm> ALL =
      List.of(
          arm("A0", "random batches, masks", "random", (s, made) -> {}),
          arm("A0'", "random batches, no mask", "", (s, made) -> s.withoutMasks()),
          arm(
              "A1",
              "TAS: one k-means cluster of queries a step",
              "tas",
              (s, made) ->
                  s.policy("{name: Tas, pairsPerStep: %d, dropLast: true}", made.batch())
                      .vectors(made.vectors(Ingredients.PROBE))
                      .clusters(Math.max(2, made.samples() / 200))),
          refreshed(
              "A2",
              "NGAME: growing clusters of the training's own vectors, anew each epoch",
              "ngame",
              (s, made) -> made.growing(s).refreshed("BANK")),
          arm(
              "A3",
              "Sample4Geo: neighbours of 128, 32 near and 32 others",
              "sample4geo",
              (s, made) ->
                  s.policy(
                          "{name: Sample4Geo, pairsPerStep: %d, poolSize: 128, near: 32, far: 32}",
                          made.batch())
                      .vectors(made.vectors(Ingredients.PROBE))),
          arm(
              "A4",
              "A0 + 3 mined negatives, TopK-PercPos 95 %",
              "mined",
              (s, made) -> s.negatives(made.mined(), NEGATIVES)),
          arm(
              "A5",
              "A0 + guide (GISTEmbed)",
              "gist",
              (s, made) -> s.guide(made.vectors(Ingredients.GUIDE))),
          arm(
              GUIDED_CLUSTERS,
              "A1 + guide",
              "",
              (s, made) ->
                  s.policy("{name: Tas, pairsPerStep: %d, dropLast: true}", made.batch())
                      .vectors(made.vectors(Ingredients.PROBE))
                      .clusters(Math.max(2, made.samples() / 200))
                      .guide(made.vectors(Ingredients.GUIDE))),
          refreshed(
              "A6",
              "A2 + guide",
              "",
              (s, made) ->
                  made.growing(s).refreshed("BANK").guide(made.vectors(Ingredients.GUIDE))),
          arm(
              "A7",
              "A0 + 3 negatives by BM25",
              "bm25neg",
              (s, made) -> s.negatives(made.lexical(), NEGATIVES)),
          arm(
              "A8",
              "A0' + 3 mined negatives, the nearest, no filter",
              "",
              (s, made) -> s.withoutMasks().negatives(made.nearest(), NEGATIVES)),
          refreshed(
              "A9",
              "A4, mined anew each epoch",
              "",
              (s, made) ->
                  s.negatives(made.mined(), NEGATIVES)
                      .refreshed("ENCODER")
                      .key("batches.refresh.candidates", Integer.toString(made.candidates()))
                      .key("batches.refresh.selection.filters", made.filters())
                      .key("batches.refresh.selection.perQuery", Integer.toString(NEGATIVES))),
          arm(
              "A10",
              "TAS-Balanced: clusters, margins in ten bins, a teacher",
              "tasbalanced",
              (s, made) ->
                  s.policy(
                          "{name: TasBalanced, pairsPerStep: %d, bins: 10, dropLast: true}",
                          made.batch())
                      .vectors(made.vectors(Ingredients.PROBE))
                      .clusters(Math.max(2, made.samples() / 200))
                      .negatives(made.taught(), 4)
                      .teacher(made.taught(), made.vectors(Ingredients.GUIDE))),
          arm(
              "A10'",
              "the same teacher, random batches",
              "",
              (s, made) ->
                  s.negatives(made.taught(), 1)
                      .teacher(made.taught(), made.vectors(Ingredients.GUIDE))),
          arm("A11", "A0 with the guide's steps besides: 4 times", "", (s, made) -> s.steps(4)),
          arm("A0x2", "A0 with 2 times the steps, for equal time", "", (s, made) -> s.steps(2)),
          refreshed(
              "C1",
              "control of A2: the training's own vectors permuted, clusters anew each epoch",
              "control",
              (s, made) -> made.growing(s).refreshed("PERMUTED_BANK")),
          arm(
              "C2",
              "control: growing clusters, vectors never anew",
              "",
              (s, made) -> made.growing(s).vectors(made.vectors(Ingredients.PROBE))),
          arm(
              SECOND_CONTROL,
              "control of C2: its vectors permuted",
              "",
              (s, made) -> made.growing(s).vectors(made.permutedVectors())));

  private static Arm arm(String name, String title, String metric, Change change) {
    return new Arm(name, title, metric, false, change);
  }

  private static Arm refreshed(String name, String title, String metric, Change change) {
    return new Arm(name, title, metric, true, change);
  }
}
