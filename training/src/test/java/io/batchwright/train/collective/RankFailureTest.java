package io.batchwright.train.collective;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A rank that is late, lost or a stranger is named, and nobody waits for ever. */
class RankFailureTest {
  private static final Duration SHORT = Duration.ofMillis(1_500);

  @Test
  void everyRankNamesTheSilentOneAndTheOperation() throws Exception {
    CountDownLatch gaveUp = new CountDownLatch(3);
    List<Throwable> failures =
        Ranks.run(
            4,
            SHORT,
            collective -> {
              if (collective.rank() == 2) {
                gaveUp.await(20, TimeUnit.SECONDS);
                return null;
              }
              try (Arena arena = HeapMemory.arena()) {
                Tensor weights = arena.zeros("embedding.weight", DType.F32, 100_000);
                collective.position("step 12");
                return catchThrowable(() -> collective.allReduce(weights, ReduceOp.SUM));
              } finally {
                gaveUp.countDown();
              }
            });
    for (int rank : new int[] {0, 1, 3}) {
      assertThat(failures.get(rank))
          .isInstanceOfSatisfying(RankFailure.class, e -> assertThat(e.rank()).isEqualTo(2))
          .hasMessageMatching(
              "rank 2 \\(127.0.0.1:\\d+\\) did not answer within 1.5 s during all-reduce of"
                  + " embedding.weight at step 12");
    }
  }

  @Test
  void everyRankNamesTheLostOneLongBeforeTheDeadline() throws Exception {
    long start = System.nanoTime();
    List<Throwable> failures =
        Ranks.run(
            3,
            collective -> {
              if (collective.rank() == 1) {
                collective.close();
                return null;
              }
              return catchThrowable(
                  () -> {
                    collective.barrier();
                    collective.barrier();
                  });
            });
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
    assertThat(failures.get(2))
        .isInstanceOfSatisfying(RankFailure.class, e -> assertThat(e.rank()).isEqualTo(1))
        .hasMessageContaining("was lost during barrier");
    assertThat(failures.get(0))
        .isInstanceOfSatisfying(RankFailure.class, e -> assertThat(e.rank()).isEqualTo(1));
  }

  @Test
  void theReasonOfAFailedRankReachesTheOthersAtOnce() throws Exception {
    List<Throwable> failures =
        Ranks.run(
            3,
            collective -> {
              collective.position("step 3");
              if (collective.rank() == 0) {
                collective.barrier(); // the others have joined, and wait in either barrier
                collective.abort("the loss is not finite");
                return null;
              }
              return catchThrowable(
                  () -> {
                    collective.barrier();
                    collective.barrier();
                  });
            });
    assertThat(failures.subList(1, 3))
        .allSatisfy(
            failure ->
                assertThat(failure)
                    .hasMessageMatching(
                        "rank 0 \\(127.0.0.1:\\d+\\) failed at step 3: the loss is not finite"));
  }

  @Test
  void ranksThatRunDifferentOperationsSaySo() throws Exception {
    assertThatThrownBy(
            () ->
                Ranks.run(
                    2,
                    collective -> {
                      if (collective.rank() == 0) {
                        collective.barrier();
                      } else {
                        collective.allReduce(new double[3]);
                      }
                      return null;
                    }))
        .hasMessageContaining("the ranks do not run the same operations");
  }

  @Test
  void anInterruptEndsAWait() throws Exception {
    List<Throwable> failures =
        Ranks.run(
            2,
            collective -> {
              if (collective.rank() == 1) {
                Thread.sleep(1_000);
                return null;
              }
              Thread waiting = Thread.currentThread();
              CompletableFuture.runAsync(
                  waiting::interrupt,
                  CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS));
              return catchThrowable(collective::barrier);
            });
    assertThat(failures.get(0))
        .isInstanceOf(RankFailure.class)
        .hasMessageContaining("rank 0 was interrupted while it waited for rank 1");
  }

  @Test
  void anotherRunKeyIsRefusedOnBothSides() {
    RankContext ours = Ranks.context(0, 2, SHORT);
    RankContext stranger = new RankContext(1, 2, 0, "test", new byte[32], SHORT);
    assertThat(refusal(ours, stranger))
        .hasMessageMatching(
            "rank 0 \\(127.0.0.1:\\d+\\) refused rank 1: the run keys of both sides differ");
  }

  @Test
  void anOlderStageAttemptIsRefused() {
    RankContext current = new RankContext(0, 2, 3, "test", new byte[32], SHORT);
    RankContext older = new RankContext(1, 2, 2, "test", new byte[32], SHORT);
    assertThat(refusal(current, older))
        .hasMessageMatching(
            "rank 0 \\(127.0.0.1:\\d+\\) refused rank 1: stage attempt 2 is older than attempt 3");
  }

  @Test
  void anotherRunIsRefused() {
    RankContext ours = new RankContext(0, 2, 0, "spring", new byte[32], SHORT);
    RankContext other = new RankContext(1, 2, 0, "summer", new byte[32], SHORT);
    assertThat(refusal(ours, other)).hasMessageContaining("belongs to another run than summer");
  }

  @Test
  void aRankThatEncryptsAndOneThatDoesNotRefuseEachOther() {
    RankContext sealed = new RankContext(0, 2, 0, "test", new byte[32], SHORT, true, 1);
    RankContext clear = new RankContext(1, 2, 0, "test", new byte[32], SHORT, false, 1);
    assertThat(refusal(sealed, clear))
        .hasMessageContaining("it encrypts data, and this rank does not");
  }

  @Test
  void anotherVersionOfTheProtocolIsRefused() throws Exception {
    try (RankEndpoint endpoint = RankEndpoint.bind(Ranks.context(0, 2, SHORT), "127.0.0.1");
        Socket future = new Socket("127.0.0.1", endpoint.address().port())) {
      ByteBuffer hello = ByteBuffer.allocate(1_000);
      hello.putLong(0x42617463_68777269L).putInt(99);
      future.getOutputStream().write(hello.array());
      int answer = future.getInputStream().read();
      assertThat(answer).isEqualTo(Handshake.Answer.OTHER_VERSION.ordinal());
      for (int wait = 0; endpoint.refusals().isEmpty() && wait < 500; wait++) {
        Thread.sleep(10);
      }
      assertThat(endpoint.refusals())
          .singleElement()
          .asString()
          .contains("it speaks another protocol version than 2");
    }
  }

  @Test
  void changedRepeatedAndMissingRecordsAreFound() throws Exception {
    byte[] key = new byte[32];
    ByteBuffer out = ByteBuffer.allocate(64);
    Seal sender = new Seal(key);
    byte[][] records = new byte[3][];
    for (int i = 0; i < records.length; i++) {
      out.clear();
      sender.seal(ByteBuffer.wrap(new byte[] {1, 2, (byte) i}), out);
      records[i] = Arrays.copyOf(out.array(), out.position());
    }
    Seal receiver = new Seal(key);
    receiver.open(ByteBuffer.wrap(records[0]), out.clear());
    assertThat(out.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 0}));
    for (byte[] wrong : new byte[][] {records[0], records[2]}) {
      Seal after = new Seal(key);
      after.open(ByteBuffer.wrap(records[0]), out.clear());
      assertThatThrownBy(() -> after.open(ByteBuffer.wrap(wrong), ByteBuffer.allocate(64)))
          .hasMessage("a record was changed on the way");
    }
    records[1][0] ^= 1;
    assertThatThrownBy(() -> receiver.open(ByteBuffer.wrap(records[1]), ByteBuffer.allocate(64)))
        .hasMessage("a record was changed on the way");
  }

  @Test
  void nothingOfTheDataIsReadableOnTheWire() throws Exception {
    byte[] text = "the quick brown fox jumps over the lazy dog ".repeat(9_000).getBytes(UTF_8);
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress("127.0.0.1", 0));
      SocketChannel out = SocketChannel.open(server.getLocalAddress());
      SocketChannel in = server.accept();
      Wire wire = new SealedWire(out, new Seal(new byte[32]));
      ByteBuffer plain = ByteBuffer.wrap(text);
      out.configureBlocking(false);
      in.configureBlocking(false);
      ByteBuffer read = ByteBuffer.allocate(1 << 20);
      while (plain.hasRemaining() || !wire.flush()) {
        wire.write(plain);
        in.read(read);
      }
      out.close();
      while (in.read(read) >= 0) {
        Thread.onSpinWait();
      }
      byte[] seen = Arrays.copyOf(read.array(), read.position());
      assertThat(seen.length).isGreaterThan(text.length);
      assertThat(new String(seen, ISO_8859_1)).doesNotContain("fox");
    }
  }

  @Test
  void garbageHoldsUpNobodyAndIsNamedWhenTheExpectedRankStaysAway() throws Exception {
    try (RankEndpoint endpoint = RankEndpoint.bind(Ranks.context(0, 2, SHORT), "127.0.0.1");
        RankEndpoint other = RankEndpoint.bind(Ranks.context(1, 2, SHORT), "127.0.0.1");
        Socket garbage = new Socket("127.0.0.1", endpoint.address().port());
        Socket silent = new Socket("127.0.0.1", endpoint.address().port())) {
      garbage
          .getOutputStream()
          .write("GET / HTTP/1.1\r\n".repeat(20).getBytes(StandardCharsets.US_ASCII));
      assertThat(silent.isConnected()).isTrue();
      assertThatThrownBy(() -> endpoint.connect(List.of(endpoint.address(), other.address())))
          .hasMessageContaining("rank 1 (127.0.0.1")
          .hasMessageContaining("did not answer within 1.5 s during connecting")
          .hasMessageContaining("what was sent is not a Batchwright handshake");
    }
  }

  private static Throwable refusal(RankContext listener, RankContext caller) {
    try (RankEndpoint first = RankEndpoint.bind(listener, "127.0.0.1");
        RankEndpoint second = RankEndpoint.bind(caller, "127.0.0.1")) {
      return catchThrowable(() -> second.connect(List.of(first.address(), second.address())));
    }
  }
}
