package io.batchwright.data.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every member of the family promises, on sets of random hashes and on texts. */
class SignatureSchemeTest {
  private static final SignatureScheme SCHEME = MinHashLsh.PAPER.scheme();
  private static final int[] UNIONS = {5, 10, 50, 1000};
  private static final double[] SIMILARITIES = {0.4, 0.6, 0.8};

  /** The mean within 4 standard errors of it, over disjoint random sets. */
  @ParameterizedTest
  @EnumSource(SignatureKind.class)
  void agreementEstimatesTheJaccardSimilarityWithoutBias(SignatureKind kind) {
    Signer signer = signer(kind);
    for (int union : UNIONS) {
      for (double similarity : SIMILARITIES) {
        int pairs = union > 100 ? 150 : 500;
        double sum = 0;
        double squares = 0;
        for (int pair = 0; pair < pairs; pair++) {
          int[][] both = signatures(signer, union, similarity, pair);
          double error = SignatureScheme.agreement(both[0], both[1]) - similarity;
          sum += error;
          squares += error * error;
        }
        double deviation = Math.sqrt(squares / pairs);
        assertThat(sum / pairs)
            .as("%s, union %d, similarity %.1f", kind, union, similarity)
            .isCloseTo(0, within(4 * deviation / Math.sqrt(pairs)));
        double classical = Math.sqrt(similarity * (1 - similarity) / 128);
        assertThat(deviation)
            .as("deviation of %s, union %d, similarity %.1f", kind, union, similarity)
            .isLessThan(classical * spread(kind, union));
      }
    }
  }

  /** The most deviation, as a multiple of that of 128 independent permutations. */
  private static double spread(SignatureKind kind, int union) {
    return switch (kind) {
      case ONE_PERMUTATION -> union <= 10 ? 1.6 : 1.3;
      case SUPER_MIN_HASH -> union <= 50 ? 0.95 : 1.2;
      case DATASKETCH -> 1.2;
    };
  }

  /** Within 4 standard errors and the 0.03 by which densified bins depend on each other. */
  @ParameterizedTest
  @EnumSource(SignatureKind.class)
  void candidatesFollowTheRecallCurve(SignatureKind kind) {
    Signer signer = signer(kind);
    for (int union : UNIONS) {
      int pairs = union > 100 ? 300 : 1000;
      for (double similarity : SIMILARITIES) {
        int hits = 0;
        for (int pair = 0; pair < pairs; pair++) {
          int[][] both = signatures(signer, union, similarity, 10_000 + pair);
          long[] a = SignatureScheme.bandKeys(both[0], 16, 8, 0);
          long[] b = SignatureScheme.bandKeys(both[1], 16, 8, 0);
          boolean hit = false;
          for (int band = 0; band < 16; band++) {
            hit |= a[band] == b[band];
          }
          hits += hit ? 1 : 0;
        }
        double expected = MinHashLsh.PAPER.recallAt(similarity);
        double error = Math.sqrt(expected * (1 - expected) / pairs);
        assertThat((double) hits / pairs)
            .as("%s, union %d, similarity %.1f", kind, union, similarity)
            .isCloseTo(expected, within(4 * error + 0.03));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SignatureKind.class)
  void aTextWithoutShinglesHasNoSignatureAndOrderDoesNotMatter(SignatureKind kind) {
    SignatureScheme scheme = scheme(kind);
    assertThat(scheme.signature("  \n\0")).isNull();
    assertThat(scheme.signature("")).isNull();
    long[] hashes = new Random(5).longs(200).toArray();
    long[] turned = new long[400];
    for (int i = 0; i < 200; i++) {
      turned[i] = hashes[199 - i];
      turned[200 + i] = hashes[i];
    }
    Signer signer = scheme.signer();
    signer.sign(hashes, 200);
    int[] once = signer.signature().clone();
    signer.sign(turned, 400);
    assertThat(signer.signature()).isEqualTo(once);
  }

  @ParameterizedTest
  @EnumSource(SignatureKind.class)
  void awkwardTextsAreSigned(SignatureKind kind) {
    SignatureScheme scheme = scheme(kind);
    String arabic =
        "\u0627\u0644\u0644\u063a\u0629 \u0627\u0644\u0639\u0631\u0628\u064a\u0629"
            + " \u0644\u063a\u0629";
    for (String text :
        new String[] {
          "\ud800 lone \udc00 surrogates and \0 nul bytes",
          arabic,
          "\u6771\u4eac".repeat(20),
          "e\u0301\u0302\u0303".repeat(30),
          "\ud83d\ude00".repeat(30)
        }) {
      assertThat(scheme.signature(text)).hasSize(128).isEqualTo(scheme.signature(text));
    }
  }

  @Test
  void oneShingleFillsAllBins() {
    assertThat(SCHEME.signature("word")).hasSize(128).containsOnly(SCHEME.signature("word")[0]);
  }

  @ParameterizedTest
  @EnumSource(ShingleUnit.class)
  void tenMegabytesAreOneText(ShingleUnit unit) {
    Shingles shingles = new Shingles(unit, 5);
    String line = DedupSpark.words(9, 2000) + "\n\u00e9t\u00e9 \u6771\u4eac\ud83d\ude00.\n";
    String text = line.repeat(10_000_000 / line.length());
    long[] set = shingles.of(text);
    long[] twice = shingles.of(line.repeat(2));
    assertThat(Shingles.jaccard(set, twice)).isGreaterThan(0.999);
    assertThat(SignatureKind.ONE_PERMUTATION.scheme(shingles, 128, 1).signature(text))
        .isEqualTo(
            SignatureKind.ONE_PERMUTATION.scheme(shingles, 128, 1).signature(line.repeat(3)));
  }

  @Test
  void aTextCostsNoObjectOnceBuffersHaveGrown() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (ShingleUnit unit : ShingleUnit.values()) {
      Signer signer = SignatureKind.ONE_PERMUTATION.scheme(new Shingles(unit, 5), 128, 1).signer();
      String[] texts = new String[50];
      for (int i = 0; i < texts.length; i++) {
        texts[i] = DedupSpark.words(i, 100 + i) + " na\u00efve";
      }
      long before = 0;
      for (int round = 0; round < 3; round++) {
        before = threads.getCurrentThreadAllocatedBytes();
        for (String text : texts) {
          signer.sign(text);
        }
      }
      long bytes = (threads.getCurrentThreadAllocatedBytes() - before) / texts.length;
      // ICU takes its text as an object; this bean's own allocation stay below 16 bytes.
      assertThat(bytes).as("%s", unit).isLessThan(unit == ShingleUnit.UAX29_WORDS ? 1024 : 16);
    }
  }

  /** Golden values: a change here is a new {@link OnePermutationHash#VERSION}. */
  @Test
  void signaturesOfVersionOneStay() {
    assertThat(Arrays.hashCode(SCHEME.signature(DedupSpark.words(1, 100)))).isEqualTo(-1649981495);
  }

  /** Golden values: a change here is a new {@link SuperMinHash#VERSION}. */
  @Test
  void superMinHashesOfVersionOneStay() {
    SignatureScheme scheme = SignatureKind.SUPER_MIN_HASH.scheme(SCHEME.shingles(), 128, 1);
    assertThat(Arrays.hashCode(scheme.signature(DedupSpark.words(1, 100)))).isEqualTo(-1403799775);
  }

  private static SignatureScheme scheme(SignatureKind kind) {
    return kind.scheme(new Shingles(ShingleUnit.CHARACTERS, 13), 128, 1);
  }

  private static Signer signer(SignatureKind kind) {
    return scheme(kind).signer();
  }

  private static int[][] signatures(Signer signer, int union, double similarity, long seed) {
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
    signer.sign(a, sizeA);
    int[] left = signer.signature().clone();
    signer.sign(b, sizeB);
    return new int[][] {left, signer.signature().clone()};
  }
}
