package io.batchwright.jobs.bench.negatives;

import io.batchwright.data.search.TopK;
import io.batchwright.jobs.bench.Bench;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** faiss' flat index in a Python process, where Debian's packages are installed. */
final class FaissPeer {
  static final String MISSING =
      "faiss on OpenBLAS is not there: apt-get install python3-faiss libopenblas0-pthread";

  private static final String PYTHON = "/usr/bin/python3";
  private static final String SCRIPT = "benchmarks/peers/faiss_flat_search.py";
  private static final int ROUNDS = 3;

  /** Results of two programs may differ where scores are equal but for rounding. */
  private static final double AGREEMENT = 0.999;

  private FaissPeer() {}

  /** What is searched for. */
  record Task(int documents, int queries, int dims, int k) {}

  /**
   * What it came to.
   *
   * @param seconds of the best round, by the clock
   * @param found the k documents of each query, [Q * k]
   */
  record Result(double seconds, long[] found, int k) {
    /** Requires that {@code ours} are the same documents. */
    void requireSame(TopK.Best[] ours) {
      long same = 0;
      for (int q = 0; q < ours.length; q++) {
        Set<Integer> documents = new HashSet<>();
        for (int document : ours[q].documents()) {
          documents.add(document);
        }
        for (int i = 0; i < k; i++) {
          same += documents.contains((int) found[q * k + i]) ? 1 : 0;
        }
      }
      if (same < AGREEMENT * found.length) {
        throw new IllegalStateException(
            "faiss and we agree on %,d of %,d neighbours only".formatted(same, found.length));
      }
    }
  }

  /** Runs the peer on the vectors in {@code folder}; empty where it is not installed. */
  static Optional<Result> run(Bench bench, Path folder, Task task)
      throws IOException, InterruptedException {
    Path script = Path.of(System.getProperty("batchwright.home", "."), SCRIPT);
    if (!Files.isExecutable(Path.of(PYTHON)) || !Files.isRegularFile(script)) {
      return Optional.empty();
    }
    Path log = folder.resolve("faiss.log");
    ProcessBuilder builder =
        new ProcessBuilder(
                PYTHON,
                script.toString(),
                folder.toString(),
                "" + task.documents(),
                "" + task.queries(),
                "" + task.dims(),
                "" + task.k(),
                "" + bench.cores(),
                "" + ROUNDS)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().remove("OPENBLAS_CORETYPE");
    Process process = builder.start();
    try {
      if (!process.waitFor(30, TimeUnit.MINUTES) || process.exitValue() != 0) {
        bench.say("  faiss did not run: %s", Files.readString(log, StandardCharsets.UTF_8).strip());
        return Optional.empty();
      }
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(log);
    double best =
        lines.stream()
            .filter(line -> line.startsWith("round "))
            .mapToDouble(line -> Double.parseDouble(line.split(" ")[1]))
            .min()
            .orElseThrow(() -> new IOException("faiss printed no round: " + lines));
    LongBuffer ids =
        ByteBuffer.wrap(Files.readAllBytes(folder.resolve("found.i64")))
            .order(ByteOrder.LITTLE_ENDIAN)
            .asLongBuffer();
    long[] found = new long[ids.remaining()];
    ids.get(found);
    return Optional.of(new Result(best, found, task.k()));
  }
}
