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

/** From text to signature: shingles of 5 words, or 13 characters for datasketch. */
@State(Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 8, time = 1)
@Fork(1)
public class SignatureBenchmark {
  @Param SignatureKind kind;

  @Param({"128", "256"})
  int permutations;

  private List<String> texts;
  private Signer signer;

  @Setup
  public void open() {
    texts = BenchTexts.read();
    boolean characters = kind == SignatureKind.DATASKETCH;
    Shingles shingles =
        new Shingles(characters ? ShingleUnit.CHARACTERS : ShingleUnit.WORDS, characters ? 13 : 5);
    signer = kind.scheme(shingles, permutations, 1).signer();
  }

  @Benchmark
  public void sign(Blackhole hole) {
    for (String text : texts) {
      signer.sign(text);
      hole.consume(signer.signature());
    }
  }
}
