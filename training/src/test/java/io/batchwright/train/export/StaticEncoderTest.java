package io.batchwright.train.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.token.Tokenizer;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.model.ForwardPass;
import io.batchwright.train.model.ModelInstance;
import io.batchwright.train.model.StaticEmbedding;
import io.batchwright.train.model.TextBatch;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class StaticEncoderTest {
  private static final int DIMS = 96;

  @Test
  void itAgreesWithTheModelThatWasTrained() throws IOException {
    List<String> texts = OurComments.lines(500);
    SmallWordPiece vocabulary = new SmallWordPiece(texts, 300);
    int[][] tokens = texts.stream().map(vocabulary::tokens).toArray(int[][]::new);
    tokens[3] = new int[0];
    try (Backend backend = Backends.cpu();
        Arena arena = backend.arena("test");
        Tokenizer tokenizer = Tokenizer.load(vocabulary.json())) {
      ModelInstance model =
          new StaticEmbedding(DIMS, 1)
              .build(vocabulary.size(), backend, arena, RandomStream.of(1, "init", 0, 0));
      float[] trained =
          model
              .encode(new Graph(backend, arena), batch(arena, tokens), ForwardPass.EVALUATION)
              .value()
              .toFloats();
      float[] table = model.parameters().get(0).value().toFloats();

      StaticEncoder encoder =
          StaticEncoder.of(
              tokenizer, new StaticEmbeddingWeights(vocabulary.size(), DIMS, table).rows());
      float[][] encoded = encoder.encodeTokens(tokens);

      for (int i = 0; i < tokens.length; i++) {
        float[] expected = Arrays.copyOfRange(trained, i * DIMS, (i + 1) * DIMS);
        if (tokens[i].length == 0) {
          assertThat(encoded[i]).containsExactly(expected).containsOnly(0f);
        } else {
          assertThat(dot(encoded[i], expected)).isBetween(0.999999, 1.000001);
        }
      }
    }
  }

  @Test
  void textsAndTheirTokensEncodeAlikeInAnyBatch() throws IOException {
    List<String> texts = OurComments.lines(900);
    SmallWordPiece vocabulary = new SmallWordPiece(texts, 300);
    try (Tokenizer tokenizer = Tokenizer.load(vocabulary.json())) {
      StaticEncoder encoder = StaticEncoder.of(tokenizer, table(vocabulary.size()));
      float[][] together = encoder.encode(texts);
      assertThat(encoder.encodeTokens(tokenizer.encode(texts))).isDeepEqualTo(together);
      for (int i = 0; i < texts.size(); i += 100) {
        assertThat(encoder.encode(List.of(texts.get(i)))[0]).containsExactly(together[i]);
      }
    }
  }

  @Test
  void aTokenOutsideTheTableIsRefused() {
    SmallWordPiece vocabulary = new SmallWordPiece(List.of(), 0);
    try (Tokenizer tokenizer = Tokenizer.load(vocabulary.json())) {
      StaticEncoder encoder = StaticEncoder.of(tokenizer, table(5));
      assertThatThrownBy(() -> encoder.encodeTokens(new int[][] {{5}}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("token id 5 is outside the table of 5 rows");
    }
  }

  private static TextBatch batch(Arena arena, int[][] texts) {
    int[] offsets = new int[texts.length + 1];
    for (int i = 0; i < texts.length; i++) {
      offsets[i + 1] = offsets[i] + texts[i].length;
    }
    int[] flat = Arrays.stream(texts).flatMapToInt(Arrays::stream).toArray();
    return new TextBatch(arena.ints("tokens", flat), arena.ints("offsets", offsets));
  }

  private static float[][] table(int rows) {
    RandomStream random = RandomStream.of(2, "table", 0, 0);
    float[][] table = new float[rows][DIMS];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < DIMS; j++) {
        table[i][j] = (float) random.gaussianAt((long) i * DIMS + j);
      }
    }
    return table;
  }

  private static double dot(float[] left, float[] right) {
    double sum = 0;
    for (int i = 0; i < left.length; i++) {
      sum += (double) left[i] * right[i];
    }
    return sum;
  }
}
