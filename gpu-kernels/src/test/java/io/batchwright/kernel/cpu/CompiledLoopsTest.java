package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.batchwright.kernel.AttentionDropout;
import io.batchwright.kernel.AttentionForm;
import io.batchwright.kernel.AttentionGradients;
import io.batchwright.kernel.AttentionPass;
import io.batchwright.kernel.Precision;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Tensor;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of {@link Vectors}, under which no loop makes objects of its vectors. */
class CompiledLoopsTest {
  /** C2's FreqInlineSize on x86 and ARM. */
  private static final int LONGEST_INLINED = 325;

  private static final int TOKENS = 256;
  private static final int DIMS = 64;

  /** Objects of a round that are none of vectors; those would be more than a hundred times this. */
  private static final long MOST_BYTES = 200_000;

  private static final int ROUNDS = 1000;
  private static final long PATIENCE_NANOS = 30_000_000_000L;

  @ParameterizedTest
  @CsvSource({
    "VectorRowLoops,exps",
    "VectorStreams,tanh",
    "VectorStreams,gelu",
    "VectorStreams,geluBackward"
  })
  void longLoopsAreTooLongToBeInlined(String type, String method) {
    StringWriter code = new StringWriter();
    ToolProvider.findFirst("javap")
        .orElseThrow()
        .run(
            new PrintWriter(code),
            new PrintWriter(code),
            "-c",
            "-p",
            getClass().getResource(type + ".class").toString());
    String body = code.toString().split(" " + method + "\\(")[1].split("\n\n")[0];
    Matcher places = Pattern.compile("\n +(\\d+): ").matcher(body);
    int last = places.results().mapToInt(place -> Integer.parseInt(place.group(1))).max().orElse(0);
    assertThat(last).as(body).isGreaterThan(LONGEST_INLINED);
  }

  @Test
  void aLayersRowsMakeNoObjectsOnceCompiled() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().getId();
    try (CpuBackend backend = CpuBackend.withDefaultProvider(Precision.FLOAT32, 1);
        Arena arena = backend.arena("test");
        Arena step = backend.arena("step")) {
      Runnable layer = layer(backend, arena, step);
      long start = System.nanoTime();
      int rounds = 0;
      long bytes;
      do { // callers are compiled last, and into them what they call
        long before = threads.getThreadAllocatedBytes(self);
        layer.run();
        bytes = threads.getThreadAllocatedBytes(self) - before;
        rounds++;
      } while ((bytes > MOST_BYTES || rounds < ROUNDS)
          && System.nanoTime() - start < PATIENCE_NANOS);
      assertThat(bytes).as("bytes of round %d", rounds).isLessThan(MOST_BYTES);
    }
  }

  /** Attention with dropout, layer norm, GELU and more of a layer, forward and backward. */
  private static Runnable layer(CpuBackend backend, Arena arena, Arena step) {
    Tensor x = gaussian(backend, arena, TOKENS, DIMS);
    Tensor y = gaussian(backend, arena, TOKENS, DIMS);
    Tensor z = gaussian(backend, arena, TOKENS, DIMS);
    Tensor gain = gaussian(backend, arena, DIMS);
    Tensor bias = gaussian(backend, arena, DIMS);
    Tensor weight = gaussian(backend, arena, DIMS, DIMS);
    Tensor statistics = gaussian(backend, arena, TOKENS, 2);
    AttentionPass pass =
        new AttentionPass(
            x,
            y,
            z,
            arena.ints("texts", new int[] {0, TOKENS}),
            new AttentionForm(2, false),
            new AttentionDropout(
                0.1,
                RandomStream.of(1, "dropout", 0, 0),
                arena.ints("rows", IntStream.range(0, TOKENS).toArray())),
            gaussian(backend, arena, TOKENS, DIMS),
            gaussian(backend, arena, TOKENS, 2));
    AttentionGradients gradients =
        new AttentionGradients(
            gaussian(backend, arena, TOKENS, DIMS),
            gaussian(backend, arena, TOKENS, DIMS),
            gaussian(backend, arena, TOKENS, DIMS));
    Tensor out = gaussian(backend, arena, TOKENS, DIMS);
    return () -> {
      step.reset();
      backend.attention(pass, step);
      backend.attentionBackward(pass, x, gradients, step);
      backend.layerNorm(x, gain, bias, 1e-12, statistics, out);
      backend.layerNormBackward(x, gain, statistics, y, out, gain, bias);
      backend.gelu(x, out);
      backend.geluBackward(x, y, out);
      backend.tanh(x, out);
      backend.softmax(y, null, out);
      backend.softmaxBackward(out, x, out);
      backend.linearAdd(x, weight, bias, y, out);
      backend.sum(x, 0, bias);
    };
  }

  private static Tensor gaussian(CpuBackend backend, Arena arena, int... dims) {
    Tensor tensor = arena.allocate("values", DType.F32, dims);
    backend.fillGaussian(tensor, RandomStream.of(1, "values", 0, 0), 0, 0, 1);
    return tensor;
  }
}
