package io.batchwright.jobs.bench.negatives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.train.evaluation.Interval;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GuideStudyTest {
  private static final float[] EAST = {1, 0};
  private static final float[] NORTH = {0, 1};
  private static final float[] NORTH_EAST = {0.7071f, 0.7071f};
  private static final float[] EAST_NORTH_EAST = {0.9239f, 0.3827f};

  /** Two questions with the same answer, one of another meaning that lies nearer, one far away. */
  private static final List<MaskQuality.Pair> PAIRS =
      List.of(
          pair(EAST, NORTH_EAST, "yes", "yes"),
          pair(EAST, NORTH_EAST, "yes", "yes"),
          pair(EAST, EAST, "no", "no"),
          pair(NORTH, NORTH, "far", "far"),
          pair(EAST, EAST_NORTH_EAST, "ye", "yes"));

  private static MaskQuality.Pair pair(float[] query, float[] answer, String text, String meaning) {
    return new MaskQuality.Pair(query, answer, new MedquadData.Answer(text, meaning));
  }

  @Test
  void anEqualAnswerIsNotTakenOutWithoutAMargin() {
    MaskQuality strict = MaskQuality.of(PAIRS, new int[] {0, 1, 2, 3}, 4, 0);
    assertThat(strict).isEqualTo(new MaskQuality(0, 2, 0, 0, 2));
    assertThat(strict.recallOfEqual()).isZero();
    assertThat(strict.recallOfCopies()).isNaN();
    assertThat(strict.precision()).isZero();
    MaskQuality wide = MaskQuality.of(PAIRS, new int[] {0, 1, 2, 3}, 4, 0.01);
    assertThat(wide).isEqualTo(new MaskQuality(2, 0, 0, 0, 2));
    assertThat(wide.recallOfEqual()).isEqualTo(1);
    assertThat(wide.precision()).isEqualTo(0.5);
  }

  @Test
  void copiesAreTakenOutWhereTheGuideFindsThemCloser() {
    // The copy is closer to the question than the answer it was made of, and not the other way.
    MaskQuality strict = MaskQuality.of(PAIRS, new int[] {0, 4}, 2, 0);
    assertThat(strict).isEqualTo(new MaskQuality(0, 0, 1, 1, 0));
    assertThat(strict.recallOfCopies()).isEqualTo(0.5);
    assertThat(strict.precision()).isEqualTo(1);
    assertThat(MaskQuality.of(PAIRS, new int[] {0, 4}, 2, 0.5).recallOfCopies()).isEqualTo(1);
  }

  @Test
  void onlyPairsOfOneStepMeet() {
    MaskQuality apart = MaskQuality.of(PAIRS, new int[] {0, 3, 1}, 2, 0.01);
    assertThat(apart).isEqualTo(new MaskQuality(0, 0, 0, 0, 0));
    assertThat(apart.precision()).isNaN();
  }

  @Test
  void theSlopeIsThatOfALineThroughTheGains() {
    List<String> groups = IntStream.range(0, 40).mapToObj(q -> "g" + q / 4).toList();
    TreeMap<Double, double[]> gains = new TreeMap<>();
    for (double share : new double[] {0, 5, 10, 20}) {
      gains.put(share, IntStream.range(0, 40).mapToDouble(q -> 0.003 * share + q * 0.01).toArray());
    }
    Interval slope = InjectionFindings.slope(gains, groups);
    assertThat(slope.mean()).isCloseTo(0.03, within(1e-9));
    assertThat(slope.low()).isCloseTo(0.03, within(1e-9));
    assertThat(slope.high()).isCloseTo(0.03, within(1e-9));
  }
}
