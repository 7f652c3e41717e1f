package io.batchwright.data.dedup;

import static org.openjdk.jmh.annotations.Scope.Benchmark;

import java.util.List;
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

/** Cutting and hashing shingles: 5 tokens, or 13 characters, of each document. */
@State(Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 8, time = 1)
@Fork(1)
public class ShinglingBenchmark {
  @Param ShingleUnit unit;

  private List<String> texts;
  private ShingleHasher hasher;

  @Setup
  public void open() {
    texts = BenchTexts.read();
    hasher = new Shingles(unit, unit == ShingleUnit.CHARACTERS ? 13 : 5).hasher();
  }

  /** All shingles, repeats included: what a signature is made of. */
  @Benchmark
  public void hashes(Blackhole hole) {
    for (String text : texts) {
      hole.consume(hasher.hash(text));
    }
  }

  /** The sorted set: what similarity is measured on. */
  @Benchmark
  public void sets(Blackhole hole) {
    for (String text : texts) {
      hasher.hash(text);
      hole.consume(hasher.distinct());
    }
  }
}
