package io.batchwright.train.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.layer.InitialValues;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.ForwardPass;
import io.batchwright.train.model.GptConfig;
import io.batchwright.train.model.GptDecoder;
import io.batchwright.train.model.TextBatch;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.optimizer.ClipByGlobalNorm;
import io.batchwright.train.optimizer.OptimizerInstance;
import io.batchwright.train.schedule.Schedule;
import io.batchwright.train.schedule.WarmupCosine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * A small GPT learns Shakespeare's characters as its reference implementation does: from the same
 * initial weights and on the same batches. The curve of {@code shakespeare_golden.json} was made by
 * the script beside it, in double precision.
 */
class ShakespeareTest {
  private static final Path TEXT =
      Path.of(
              System.getProperty(
                  "batchwright.data",
                  System.getProperty("batchwright.root", ".") + "/../shared/data"))
          .resolve("multisource/lm-small/tinyshakespeare.txt.gz");

  private static final int DIMS = 64;
  private static final int LAYERS = 2;
  private static final int LENGTH = 64;
  private static final int TEXTS = 16;
  private static final int STEPS = 300;
  private static final long SEED = 17;
  private static final int HELD_OUT_TEXTS = 64;
  private static final Schedule RATE = new WarmupCosine(1e-2, 20, 0, 0);

  /** Single precision drifts from double by 0.0015 nats in these steps. */
  private static final double TOLERANCE = 0.01;

  private final Backend backend = Backends.cpu();

  @Test
  void heldOutLossFallsAsTheReferencesDoes() throws IOException {
    assumeTrue(Files.isRegularFile(TEXT), () -> "no text at " + TEXT + " (set batchwright.data)");
    JsonNode golden;
    try (var in = ShakespeareTest.class.getResourceAsStream("shakespeare_golden.json")) {
      golden = new ObjectMapper().readTree(in);
    }
    List<Double> found;
    try (backend) {
      found = curve(golden.path("every").asInt());
    }
    JsonNode expected = golden.path("held_out_loss");
    assertThat(found).hasSize(expected.size());
    assertThat(found.get(found.size() - 1)).isLessThan(2.4); // from 4.18, all characters alike
    for (int point = 0; point < found.size(); point++) {
      assertThat(found.get(point))
          .as("held-out loss at point %d", point)
          .isCloseTo(expected.get(point).asDouble(), within(point == 0 ? 1e-5 : TOLERANCE));
    }
  }

  private List<Double> curve(int every) throws IOException {
    int[] tokens = characters();
    int split = (int) (tokens.length * 9L / 10);
    int[] train = Arrays.copyOf(tokens, split);
    int[] heldOut = Arrays.copyOfRange(tokens, split, tokens.length);
    int vocabulary = IntStream.of(tokens).max().orElseThrow() + 1;
    List<Double> curve = new ArrayList<>();
    try (Arena run = backend.arena("run");
        Arena step = run.child("step")) {
      GptDecoder decoder = decoder(vocabulary, run);
      OptimizerInstance optimizer =
          new AdamW(0.9, 0.99, 1e-8, 0.1).build(decoder.parameters(), backend, run);
      int apart = (heldOut.length - LENGTH) / HELD_OUT_TEXTS;
      int[] places = IntStream.range(0, HELD_OUT_TEXTS).map(i -> i * apart).toArray();
      curve.add(loss(new Graph(backend, step), decoder, heldOut, places).item());
      for (int s = 0; s < STEPS; s++) {
        step.reset();
        RandomStream draws = RandomStream.of(SEED, "texts", 0, s);
        int[] starts = new int[TEXTS];
        Arrays.setAll(starts, i -> (int) (draws.uniformAt(i) * (train.length - LENGTH)));
        Graph g = new Graph(backend, step);
        g.backward(loss(g, decoder, train, starts));
        double norm = ClipByGlobalNorm.norm(backend, decoder.parameters());
        optimizer.step(RATE.rate(s, STEPS), ClipByGlobalNorm.PAPER.factor(norm));
        if ((s + 1) % every == 0) {
          step.reset();
          curve.add(loss(new Graph(backend, step), decoder, heldOut, places).item());
        }
      }
    }
    return curve;
  }

  private GptDecoder decoder(int vocabulary, Arena run) {
    GptConfig config =
        new GptConfig(vocabulary, DIMS, LAYERS, 4, 4 * DIMS, LENGTH, 0, 0, 1e-5, 0.02);
    GptDecoder decoder = new GptDecoder(config, new ParameterSpace(backend, run, DType.F32), SEED);
    for (Parameter parameter : decoder.parameters()) {
      if (parameter.storage().shape().rank() == 2) {
        double deviation =
            parameter.name().contains("c_proj") ? 0.02 / Math.sqrt(2 * LAYERS) : 0.02;
        RandomStream random = RandomStream.of(SEED, "initial " + parameter.name(), 0, 0);
        InitialValues.uniform(random, Math.sqrt(3) * deviation).fill(parameter.storage());
      }
    }
    return decoder;
  }

  /** The mean over all positions but the last of the texts that start at these places. */
  private static Variable loss(Graph g, GptDecoder decoder, int[] tokens, int[] starts) {
    int[] texts = new int[starts.length * LENGTH];
    int[] offsets = new int[starts.length + 1];
    for (int b = 0; b < starts.length; b++) {
      System.arraycopy(tokens, starts[b], texts, b * LENGTH, LENGTH);
      offsets[b + 1] = (b + 1) * LENGTH;
    }
    TextBatch batch =
        new TextBatch(
            g.arena().ints("tokens", texts, texts.length),
            g.arena().ints("offsets", offsets, offsets.length));
    TokenTask task =
        CausalLanguageModel.PAPER.task(
            g.arena(),
            batch,
            Vocabulary.of(decoder.config().vocabularySize()),
            ForwardPass.EVALUATION);
    Variable states = decoder.states(g, task.batch(), ForwardPass.EVALUATION);
    return TokenHead.of(decoder).loss(g, states, task, task.count());
  }

  /** The text with each character as its place among those that occur. */
  private static int[] characters() throws IOException {
    byte[] bytes;
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(TEXT))) {
      bytes = in.readAllBytes();
    }
    boolean[] occurs = new boolean[256];
    for (byte each : bytes) {
      occurs[each & 0xFF] = true;
    }
    int[] number = new int[256];
    int next = 0;
    for (int c = 0; c < 256; c++) {
      number[c] = occurs[c] ? next++ : -1;
    }
    int[] tokens = new int[bytes.length];
    Arrays.setAll(tokens, i -> number[bytes[i] & 0xFF]);
    return tokens;
  }
}
