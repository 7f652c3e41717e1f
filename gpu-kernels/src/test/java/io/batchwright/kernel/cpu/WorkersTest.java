package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkersTest {

  @Test
  void everyPartIsDoneOnceWhateverTheirNumber() {
    try (Workers workers = new Workers(3)) {
      for (int parts : new int[] {0, 1, 2, 3, 4, 7, 100}) {
        for (int round = 0; round < 200; round++) {
          AtomicIntegerArray done = new AtomicIntegerArray(parts);
          workers.parts(parts, done::incrementAndGet);
          for (int i = 0; i < parts; i++) {
            assertThat(done.get(i)).isEqualTo(1);
          }
        }
      }
    }
  }

  @Test
  void spansCoverWhatIsCountedAndKeepTogetherWhatBelongsTogether() {
    try (Workers workers = new Workers(3)) {
      for (long count : new long[] {0, 1, 47, 48, 49, 1000}) {
        AtomicIntegerArray seen = new AtomicIntegerArray((int) count);
        AtomicInteger spans = new AtomicInteger();
        workers.rows(
            count,
            48,
            1 << 14,
            (from, to) -> {
              assertThat(from % 48).isZero();
              spans.incrementAndGet();
              for (long i = from; i < to; i++) {
                seen.incrementAndGet((int) i);
              }
            });
        for (int i = 0; i < count; i++) {
          assertThat(seen.get(i)).as("times that %d of %d is worked on", i, count).isEqualTo(1);
        }
        assertThat(spans.get()).isEqualTo(count <= 48 ? 1 : count == 49 ? 2 : 12);
      }
    }
  }

  @Test
  void allThreadsShareWorkThatIsLarge() throws InterruptedException {
    try (Workers workers = new Workers(3)) {
      CountDownLatch together = new CountDownLatch(3);
      Set<Scratch> scratches = ConcurrentHashMap.newKeySet();
      workers.parts(
          3,
          i -> {
            scratches.add(workers.scratch());
            together.countDown();
            try {
              together.await(); // only if each has its part does this end
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
      assertThat(scratches).hasSize(3);
      Thread.sleep(5); // long enough for them to fall asleep
      Set<Thread> after = ConcurrentHashMap.newKeySet();
      CountDownLatch again = new CountDownLatch(3);
      workers.parts(
          3,
          i -> {
            after.add(Thread.currentThread());
            again.countDown();
            try {
              again.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
      assertThat(after).hasSize(3).contains(Thread.currentThread());
    }
  }

  @Test
  void partsMayAskForWorkAndSoMayOtherThreads() throws InterruptedException {
    try (Workers workers = new Workers(3)) {
      AtomicInteger done = new AtomicInteger();
      Runnable nested = () -> workers.parts(8, i -> workers.parts(8, j -> done.incrementAndGet()));
      Thread other = new Thread(nested);
      other.start();
      nested.run();
      other.join();
      assertThat(done.get()).isEqualTo(2 * 64);
    }
  }

  @Test
  void ofSeveralFailuresTheFirstPartsIsThrownAndWorkGoesOn() {
    try (Workers workers = new Workers(3)) {
      for (int round = 0; round < 100; round++) {
        assertThatThrownBy(
                () ->
                    workers.parts(
                        12,
                        i -> {
                          if (i >= 2) {
                            throw new IllegalArgumentException("part " + i);
                          }
                        }))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("part 2");
      }
      assertThatThrownBy(
              () ->
                  workers.parts(
                      6,
                      i -> {
                        throw new AssertionError(i);
                      }))
          .isInstanceOf(AssertionError.class)
          .hasMessage("0");
      AtomicInteger done = new AtomicInteger();
      workers.parts(6, i -> done.incrementAndGet());
      assertThat(done.get()).isEqualTo(6);
    }
  }

  @Test
  void closingEndsTheThreadsAndLeavesTheCallers() {
    Workers workers = new Workers(3);
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    CountDownLatch together = new CountDownLatch(3);
    workers.parts(
        3,
        i -> {
          threads.add(Thread.currentThread());
          together.countDown();
          try {
            together.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    threads.remove(Thread.currentThread());
    assertThat(threads).hasSize(2).allMatch(Thread::isDaemon);
    workers.close();
    assertThat(threads).noneMatch(Thread::isAlive);
    AtomicInteger done = new AtomicInteger();
    workers.parts(6, i -> done.incrementAndGet());
    assertThat(done.get()).isEqualTo(6);
    workers.close();
  }

  @Test
  void thereIsAtLeastOneThread() {
    assertThatThrownBy(() -> new Workers(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads must be at least 1, got 0");
  }
}
