package io.batchwright.data.dedup;

import static org.openjdk.jmh.annotations.Scope.Benchmark;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** The bucket keys of signatures of 256 values, one for each document. */
@State(Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 8, time = 1)
@Fork(1)
public class BandKeysBenchmark {
  @Param({"16x8", "32x8", "9x13"})
  String bands;

  private int[][] signatures;
  private int rows;
  private long[] keys;

  @Setup
  public void open() {
    Shingles shingles = new Shingles(ShingleUnit.WORDS, 5);
    Signer signer = SignatureKind.ONE_PERMUTATION.scheme(shingles, 256, 1).signer();
    signatures =
        BenchTexts.read().stream()
            .filter(signer::sign)
            .map(text -> signer.signature().clone())
            .toArray(int[][]::new);
    String[] both = bands.split("x");
    keys = new long[Integer.parseInt(both[0])];
    rows = Integer.parseInt(both[1]);
  }

  @Benchmark
  public void keys(Blackhole hole) {
    for (int[] signature : signatures) {
      SignatureScheme.bandKeys(signature, rows, 0, keys);
      hole.consume(keys);
    }
  }
}
