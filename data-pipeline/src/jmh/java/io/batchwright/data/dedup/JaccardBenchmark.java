package io.batchwright.data.dedup;

import static org.openjdk.jmh.annotations.Scope.Benchmark;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** Similarity of each document with an edit of it that shares 0.85, by form of the set. */
@State(Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 8, time = 1)
@Fork(1)
public class JaccardBenchmark {
  private long[][] a;
  private long[][] b;
  private byte[][] packedA;
  private byte[][] packedB;
  private byte[][] compactA;
  private byte[][] compactB;

  @Setup
  public void open() {
    List<String> texts = BenchTexts.read();
    Shingles shingles = new Shingles(ShingleUnit.WORDS, 5);
    int half = texts.size() / 2;
    a = new long[half][];
    b = new long[half][];
    for (int i = 0; i < half; i++) {
      String text = texts.get(i);
      String other = texts.get(half + i);
      a[i] = shingles.of(text);
      b[i] =
          shingles.of(
              text.substring(0, text.length() * 11 / 12) + other.substring(0, other.length() / 12));
    }
    packedA = forms(a, Shingles::pack);
    packedB = forms(b, Shingles::pack);
    compactA = forms(a, CompactShingles::of);
    compactB = forms(b, CompactShingles::of);
  }

  /** Sorted arrays. */
  @Benchmark
  public void arrays(Blackhole hole) {
    for (int i = 0; i < a.length; i++) {
      hole.consume(Shingles.jaccard(a[i], b[i]));
    }
  }

  /** Packed bytes, from a threshold that all reach. */
  @Benchmark
  public void packed(Blackhole hole) {
    for (int i = 0; i < a.length; i++) {
      hole.consume(Shingles.jaccardFrom(packedA[i], packedB[i], 0.5));
    }
  }

  /** Packed bytes of unrelated documents, which are given up early. */
  @Benchmark
  public void packedUnrelated(Blackhole hole) {
    for (int i = 0; i < a.length; i++) {
      hole.consume(Shingles.jaccardFrom(packedA[i], packedB[(i + 1) % a.length], 0.8));
    }
  }

  /** The compact stored form. */
  @Benchmark
  public void compact(Blackhole hole) {
    for (int i = 0; i < a.length; i++) {
      hole.consume(CompactShingles.jaccardFrom(compactA[i], compactB[i], 0.5));
    }
  }

  private static byte[][] forms(long[][] sets, Function<long[], byte[]> form) {
    return Arrays.stream(sets).map(form).toArray(byte[][]::new);
  }
}
