package io.batchwright.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ArenaTest {
  private static final int WIDTH = 300;

  private final Backend backend = Backends.select("java");
  private long openBefore;
  private long reservedBefore;

  @BeforeEach
  void readTheLedger() {
    openBefore = ArenaLedger.openArenas();
    reservedBefore = ArenaLedger.reservedBytes();
  }

  @AfterEach
  void nothingIsLeft() {
    backend.close();
    assertThat(ArenaLedger.openArenas()).isEqualTo(openBefore);
    assertThat(ArenaLedger.reservedBytes()).isEqualTo(reservedBefore);
  }

  @Test
  void aStepInSteadyStateAllocatesNothing() {
    try (Arena run = backend.arena("run");
        Arena step = run.child("step")) {
      run.zeros("weights", DType.F32, 100, 64);
      oneStep(step, 400); // grows slab by slab
      step.reset();
      long reserved = ArenaLedger.reservedBytes();
      long atRun = run.liveBytes();
      for (int i = 0; i < 1_000; i++) {
        oneStep(step, 200 + i % 201);
        assertThat(ArenaLedger.reservedBytes()).isEqualTo(reserved);
        step.reset();
        assertThat(step.liveBytes()).isZero();
        assertThat(run.liveBytes()).isEqualTo(atRun);
      }
    }
  }

  @Test
  void tensorsKeepTheirPlacesWhileNoneIsLargerThanBefore() {
    try (Arena step = backend.arena("step")) {
      step.keepPlaces();
      pass(step, 900, 500, true); // grows slab by slab
      long[] places = pass(step, 900, 500, true);
      long reserved = step.reservedBytes();
      for (int i = 0; i < 10; i++) {
        assertThat(pass(step, 400 + 50 * i, 50 * i, true)).containsExactly(places);
        assertThat(pass(step, 900 - i, 500 - i, false))
            .as("without gradients")
            .containsExactly(places[0], places[1], places[2], places[3]);
      }
      assertThat(step.reservedBytes()).isEqualTo(reserved);
      assertThat(step.liveBytes()).isZero();
    }
  }

  /** It moves alone, does not cost the others their places, and not for each row. */
  @Test
  void onlyWhatGrowsALittleMoves() {
    try (Arena step = backend.arena("step")) {
      step.keepPlaces();
      pass(step, 500, 100, true);
      pass(step, 2_000, 100, true); // all places are laid out anew behind it
      long[] before = pass(step, 2_000, 100, true);
      long[] grown = pass(step, 2_000, 101, true);
      for (int moved : new int[] {1, 3}) {
        assertThat(grown[moved]).isNotEqualTo(before[moved]);
        before[moved] = grown[moved];
      }
      assertThat(grown).containsExactly(before);
      assertThat(pass(step, 2_000, 112, true)).containsExactly(before);
    }
  }

  @Test
  void placesFollowAStepThatGrowsAndTakeLittleMoreThanItNeeds() {
    try (Arena step = backend.arena("step")) {
      step.keepPlaces();
      for (int rows = 200; rows <= 3_000; rows += 200) {
        pass(step, rows, rows / 2, true);
      }
      long needed = 4L * WIDTH * (3 * 3_000 + 2 * 1_500);
      assertThat(step.reservedBytes()).isBetween(needed, needed + needed / 4 + (3 << 20));
      for (int i = 0; i < 200; i++) {
        step.zeros("never again " + i, DType.F32, 200_000);
        step.reset();
      }
      assertThat(step.reservedBytes()).as("labels that do not come again").isLessThan(6 * needed);
    }
  }

  /** A step whose values are whole: the places of its tensors. */
  private static long[] pass(Arena step, int rows, int others, boolean training) {
    List<Tensor> tensors = new ArrayList<>();
    for (int count : new int[] {rows, others, rows, others, rows}) {
      String label = count == rows ? "activations" : "others";
      if (training || tensors.size() < 4) {
        if (training && tensors.size() == 4) {
          tensors.add(step.allocate("gradient", DType.F32, 1));
        }
        tensors.add(step.allocate(label, DType.F32, count, WIDTH));
      }
    }
    for (int i = 0; i < tensors.size(); i++) {
      int value = i;
      Tensor tensor = tensors.get(i);
      if (tensor.elements() > 0) {
        tensor.copyFrom(floats(tensor, value));
      }
    }
    for (int i = 0; i < tensors.size(); i++) {
      Tensor tensor = tensors.get(i);
      if (tensor.elements() > 0) {
        assertThat(tensor.toFloats()).containsOnly(i);
      }
    }
    long[] places = tensors.stream().mapToLong(ArenaTest::placeOf).toArray();
    step.reset();
    return places;
  }

  private static float[] floats(Tensor tensor, float value) {
    float[] values = new float[(int) tensor.elements()];
    Arrays.fill(values, value);
    return values;
  }

  /** The same number for the same place. */
  private static long placeOf(Tensor tensor) {
    return 31L * System.identityHashCode(tensor.storage()) + tensor.byteOffset();
  }

  @Test
  void theScratchIsOneArenaThatGoesWithItsOuterOne() {
    try (Arena step = backend.arena("step")) {
      Arena scratch = step.scratch();
      Tensor inside = scratch.zeros("inside", DType.F32, 1_000);
      assertThat(step.scratch()).isSameAs(scratch);
      assertThat(step.liveBytes()).isEqualTo(scratch.liveBytes()).isPositive();
      step.reset();
      assertThat(inside.isLive()).isFalse();
      assertThat(step.scratch()).isSameAs(scratch);
      scratch.close();
      assertThat(step.scratch()).isNotSameAs(scratch);
    }
  }

  @Test
  void tensorsKeepTheirValuesApart() {
    try (Arena arena = backend.arena("run")) {
      Tensor[] tensors = new Tensor[200];
      for (int i = 0; i < tensors.length; i++) {
        tensors[i] = arena.ints("t" + i, new int[] {i, -i}); // many to a slab
        arena.zeros("gap" + i, DType.F64, i * 50); // and many slabs
      }
      for (int i = 0; i < tensors.length; i++) {
        assertThat(tensors[i].toInts()).containsExactly(i, -i);
      }
    }
  }

  @Test
  void useAfterResetOrCloseIsRefusedByName() {
    Arena run = backend.arena("run");
    Arena step = run.child("step");
    Tensor weights = run.zeros("weights", DType.F32, 2);
    Tensor scores = step.zeros("scores", DType.F32, 3, 4);
    Tensor view = scores.rows(1, 2);
    step.reset();
    for (Tensor dead : new Tensor[] {scores, view}) {
      assertThatThrownBy(dead::toFloats)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("'scores' F32")
          .hasMessageContaining("was used after its arena 'step' was reset or closed");
      assertThatThrownBy(() -> backend.fill(dead, 1)).isInstanceOf(IllegalStateException.class);
    }
    assertThat(weights.isLive()).isTrue();
    Tensor next = step.zeros("next", DType.F32, 1);
    run.close();
    assertThat(next.isLive()).isFalse();
    assertThatThrownBy(weights::toFloats).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> step.zeros("late", DType.F32, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("arena 'step' is closed");
    run.close();
  }

  @Test
  void theLimitNamesWhatWasAskedWhatIsLiveAndWhoseLimitItIs() {
    try (Arena run = backend.arena("run", 1_000_000);
        Arena step = run.child("step")) {
      run.zeros("weights", DType.F32, 100_000);
      assertThatThrownBy(() -> step.allocate("scores", DType.F32, 400, 400))
          .isInstanceOf(ArenaLimitException.class)
          .hasMessageStartingWith(
              "arena 'step' cannot hold 'scores' F32 [400, 400]: 640,000 bytes asked,"
                  + " 400,000 live, 400,000 reserved, limit 1,000,000 (of arena 'run');"
                  + " largest arena '");
      assertThat(step.allocate("fits", DType.F32, 150_000).elements()).isEqualTo(150_000);
      assertThat(run.peakBytes()).isEqualTo(1_000_000);
    }
  }

  @Test
  void theDevicesOwnLimitIsAsReadableAndLeavesTheArenasUsable() {
    try (Arena run = backend.arena("run");
        Arena step = run.child("step")) {
      Tensor weights = run.ints("weights", new int[] {3, 4});
      step.zeros("before", DType.F32, 100);
      long reserved = ArenaLedger.reservedBytes();
      // 2^47 bytes: more than a process can address
      assertThatThrownBy(() -> step.allocate("scores", DType.F32, 1 << 23, 1 << 22))
          .isInstanceOf(ArenaLimitException.class)
          .hasMessageMatching(
              "arena 'step' cannot hold 'scores' F32 \\[8388608, 4194304\\]: the cpu's memory is used up: "
                  + "140,737,488,355,328 bytes asked, 448 live, [0-9,]+ reserved by all arenas; "
                  + "largest arena '.*' with [0-9,]+")
          .hasCauseInstanceOf(OutOfMemoryError.class);
      assertThat(ArenaLedger.reservedBytes()).isEqualTo(reserved);
      step.reset();
      assertThat(step.zeros("after", DType.F32, 100).toFloats()).containsOnly(0);
      assertThat(weights.toInts()).containsExactly(3, 4);
    }
  }

  @Test
  void aLostArenaIsReportedAndNotFreed() throws InterruptedException {
    long leaked = ArenaLedger.leakedArenas();
    Lost lost = loseAnArena();
    for (int i = 0; i < 100 && ArenaLedger.leakedArenas() == leaked; i++) {
      System.gc();
      Thread.sleep(20);
    }
    assertThat(ArenaLedger.leakedArenas()).isEqualTo(leaked + 1);
    assertThat(ArenaLedger.openArenas()).isEqualTo(openBefore + 1);
    assertThat(ArenaLedger.reservedBytes()).isGreaterThan(reservedBefore);
    lost.memory.free();
    lost.account.add(reservedBefore - ArenaLedger.reservedBytes());
    lost.account.close();
  }

  /** What is left of an arena, to be given back by nobody else. */
  private record Lost(Storage memory, ArenaLedger.Account account) {}

  private Lost loseAnArena() {
    Arena arena = backend.arena("lost");
    return new Lost(arena.zeros("t", DType.F32, 10).storage(), arena.account);
  }

  private static void oneStep(Arena step, int rows) {
    step.zeros("activations", DType.F32, rows, 1_000);
    step.zeros("scores", DType.F32, rows, rows);
    step.zeros("loss", DType.F32);
    step.zeros("gradients", DType.F32, rows, 1_000);
  }
}
