package io.batchwright.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ArenaTest {
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
