package io.batchwright.train.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.technique.Paper;
import io.batchwright.technique.Techniques;
import io.batchwright.tensor.Arena;
import io.batchwright.train.model.ForwardPass;
import io.batchwright.train.model.TextBatch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TokenObjectiveTest {
  private static final int SIZE = 1000;
  private static final Vocabulary VOCABULARY = new Vocabulary(SIZE, 4, new int[] {2, 1});

  private final Backend backend = Backends.cpu();
  private final Arena arena = backend.arena("test");

  @AfterEach
  void close() {
    arena.close();
    backend.close();
  }

  static Stream<TokenObjective> members() {
    return Techniques.of(TokenObjective.class).stream()
        .map(member -> (TokenObjective) Techniques.defaults(member).orElseThrow());
  }

  static Stream<TokenObjective> tasks() {
    return members().filter(TokenObjective::onTokens);
  }

  @ParameterizedTest
  @MethodSource("members")
  void namesItsPaperAndSurvivesJavaSerialization(TokenObjective recipe) throws Exception {
    assertThat(recipe.getClass().getAnnotation(Paper.class)).isNotNull();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(recipe);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject()).isEqualTo(recipe);
    }
  }

  @ParameterizedTest
  @MethodSource("tasks")
  void theTaskOfATextIsTheSameHoweverTheBatchIsSpread(TokenObjective objective) {
    TextBatch whole = batch(60, 0, 40);
    TextBatch last = batch(0, 40);
    int[] all = targets(objective.task(arena, whole, VOCABULARY, pass(1, 7, 5, 9)), 100);
    int[] part = targets(objective.task(arena, last, VOCABULARY, pass(1, 5, 9)), 40);
    int[] before = targets(objective.task(arena, batch(60), VOCABULARY, pass(1, 7)), 60);
    assertThat(before).containsExactly(Arrays.copyOf(all, 60));
    assertThat(part).hasSize(40);
    // The last text has other tokens when it stands alone, but the same positions.
    for (int t = 0; t < 40; t++) {
      assertThat(part[t] >= 0).as("position %d", t).isEqualTo(all[60 + t] >= 0);
    }
  }

  @Test
  void causalTargetsAreTheNextTokensWithinATextOnly() {
    TextBatch batch =
        new TextBatch(
            arena.ints("tokens", new int[] {5, 6, 7, 8, 9}, 5),
            arena.ints("offsets", new int[] {0, 3, 3, 4, 5}, 5));
    TokenTask task =
        CausalLanguageModel.PAPER.task(arena, batch, VOCABULARY, ForwardPass.EVALUATION);
    assertThat(task.positions().toInts()).containsExactly(0, 1);
    assertThat(task.targets().toInts()).containsExactly(6, 7);
    assertThat(task.batch()).isSameAs(batch);
  }

  @Test
  void masksAsOftenAsThePaperSays() {
    TextBatch batch = batch(100_000);
    int[] tokens = batch.tokens().toInts();
    TokenTask task = MaskedLanguageModel.PAPER.task(arena, batch, VOCABULARY, pass(3, 0));
    int[] read = task.batch().tokens().toInts();
    int[] targets = targets(task, tokens.length);
    double chosen = 0;
    double masked = 0;
    double kept = 0;
    double ordinary = 0;
    for (int t = 0; t < tokens.length; t++) {
      boolean special = tokens[t] == 1 || tokens[t] == 2;
      ordinary += special ? 0 : 1;
      if (targets[t] < 0) {
        assertThat(read[t]).isEqualTo(tokens[t]);
        continue;
      }
      assertThat(special).isFalse();
      assertThat(targets[t]).isEqualTo(tokens[t]);
      chosen++;
      masked += read[t] == 4 ? 1 : 0;
      kept += read[t] == tokens[t] ? 1 : 0;
    }
    // Five standard deviations of a share of so many draws.
    assertThat(chosen / ordinary).isCloseTo(0.15, within(5 * Math.sqrt(0.15 * 0.85 / ordinary)));
    assertThat(masked / chosen).isCloseTo(0.8, within(5 * Math.sqrt(0.8 * 0.2 / chosen)));
    assertThat(kept / chosen).isCloseTo(0.1, within(5 * Math.sqrt(0.1 * 0.9 / chosen)));
  }

  @Test
  void masksAreNewInEachStepAndRole() {
    TextBatch batch = batch(500);
    int[] first =
        targets(MaskedLanguageModel.PAPER.task(arena, batch, VOCABULARY, pass(3, 0)), 500);
    assertThat(targets(MaskedLanguageModel.PAPER.task(arena, batch, VOCABULARY, pass(3, 0)), 500))
        .containsExactly(first);
    assertThat(targets(MaskedLanguageModel.PAPER.task(arena, batch, VOCABULARY, pass(4, 0)), 500))
        .isNotEqualTo(first);
    ForwardPass other = new ForwardPass(true, 11, 3, "other", new int[] {0});
    assertThat(targets(MaskedLanguageModel.PAPER.task(arena, batch, VOCABULARY, other), 500))
        .isNotEqualTo(first);
  }

  @Test
  void whatIsOutOfItsRangeIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MaskedLanguageModel(0.15, 0.8, 0.3))
        .withMessageContaining("MaskedLanguageModel.randomShare must be at most 1 - maskShare");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MaskedLanguageModel(0, 0.8, 0.1))
        .withMessageContaining("MaskedLanguageModel.share must be in (0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Vocabulary(10, 10, new int[0]))
        .withMessageContaining("Vocabulary.mask must be in [-1");
    assertThatThrownBy(() -> MaskedLanguageModel.PAPER.require(Vocabulary.of(SIZE)))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("needs a tokenizer with a token [MASK]");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                MaskedLanguageModel.PAPER.task(arena, batch(3), VOCABULARY, ForwardPass.EVALUATION))
        .withMessage("0 places for 1 texts");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenTask.of(arena, batch(3), new int[2]))
        .withMessage("2 targets for 3 tokens");
  }

  private static ForwardPass pass(long step, int... places) {
    return new ForwardPass(true, 11, step, "text", places);
  }

  private TextBatch batch(int... lengths) {
    int[] offsets = new int[lengths.length + 1];
    for (int b = 0; b < lengths.length; b++) {
      offsets[b + 1] = offsets[b] + lengths[b];
    }
    int[] tokens = new int[offsets[lengths.length]];
    Arrays.setAll(tokens, t -> 5 + t * 31 % (SIZE - 5));
    if (tokens.length > 1000) {
      tokens[10] = 1;
      tokens[11] = 2;
    }
    return new TextBatch(
        arena.ints("tokens", tokens, tokens.length),
        arena.ints("offsets", offsets, offsets.length));
  }

  private static int[] targets(TokenTask task, int tokens) {
    int[] targets = new int[tokens];
    Arrays.fill(targets, TokenTask.IGNORED);
    int[] positions = task.positions().toInts();
    int[] named = task.targets().toInts();
    for (int n = 0; n < positions.length; n++) {
      targets[positions[n]] = named[n];
    }
    return targets;
  }
}
