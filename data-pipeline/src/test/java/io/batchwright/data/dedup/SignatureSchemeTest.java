package io.batchwright.data.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SignatureSchemeTest {
  private static final SignatureScheme SCHEME = MinHashLsh.PAPER.scheme();

  @Test
  void agreementOfBinsEstimatesTheJaccardSimilarity() {
    for (int union : new int[] {20, 100, 1000}) {
      for (double similarity : new double[] {0.5, 0.8, 0.9}) {
        double sum = 0;
        int pairs = 400;
        for (int pair = 0; pair < pairs; pair++) {
          int[][] both = signatures(union, similarity, pair);
          int equal = 0;
          for (int bin = 0; bin < 128; bin++) {
            equal += both[0][bin] == both[1][bin] ? 1 : 0;
          }
          sum += equal / 128.0;
        }
        assertThat(sum / pairs).isCloseTo(similarity, within(0.02));
      }
    }
  }

  @Test
  void candidatesFollowTheRecallCurve() {
    int pairs = 2000;
    for (double similarity : new double[] {0.6, 0.7, 0.8, 0.9}) {
      int hits = 0;
      for (int pair = 0; pair < pairs; pair++) {
        int[][] both = signatures(200, similarity, 10_000 + pair);
        long[] a = SignatureScheme.bandKeys(both[0], 16, 8, 0);
        long[] b = SignatureScheme.bandKeys(both[1], 16, 8, 0);
        boolean hit = false;
        for (int band = 0; band < 16; band++) {
          hit |= a[band] == b[band];
        }
        hits += hit ? 1 : 0;
      }
      double expected = MinHashLsh.PAPER.recallAt(similarity);
      double sigma = Math.sqrt(expected * (1 - expected) / pairs);
      assertThat((double) hits / pairs).isCloseTo(expected, within(3 * sigma + 0.02));
    }
  }

  @Test
  void aTextWithoutShinglesHasNoSignatureAndOneShingleFillsAllBins() {
    assertThat(SCHEME.signature("  ")).isNull();
    assertThat(SCHEME.signature("word")).hasSize(128).containsOnly(SCHEME.signature("word")[0]);
  }

  /** Golden values: a change here is a new {@link OnePermutationHash#VERSION}. */
  @Test
  void signaturesOfVersionOneStay() {
    assertThat(Arrays.hashCode(SCHEME.signature(DedupSpark.words(1, 100)))).isEqualTo(GOLDEN);
  }

  private static final int GOLDEN = -1649981495;

  private static int[] signed(long[] hashes, int count) {
    Signer.OfHashes signer = (Signer.OfHashes) SCHEME.signer();
    signer.sign(hashes, count);
    return signer.signature();
  }

  private static int[][] signatures(int union, double similarity, long seed) {
    Random random = new Random(seed);
    int shared = (int) Math.round(union * similarity);
    long[] a = new long[union];
    long[] b = new long[union];
    int sizeA = 0;
    int sizeB = 0;
    for (int i = 0; i < union; i++) {
      long hash = random.nextLong();
      boolean both = i < shared;
      if (both || i % 2 == 0) {
        a[sizeA++] = hash;
      }
      if (both || i % 2 == 1) {
        b[sizeB++] = hash;
      }
    }
    return new int[][] {signed(a, sizeA), signed(b, sizeB)};
  }
}
