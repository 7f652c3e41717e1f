package io.batchwright.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Memory;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Storage;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.collective.Collective;
import io.batchwright.train.collective.RankFailure;
import io.batchwright.train.collective.Ranks;
import io.batchwright.train.collective.ReduceOp;
import io.batchwright.train.graph.Gradient;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A small model on several ranks: a table, of which rows are read, and a chain of three matrices
 * above it that fill several buckets each.
 */
class GradientReducerTest {
  private static final int ROWS = 40;
  private static final int DIMS = 8;
  private static final int WIDE = 90_000;
  private static final int SAMPLES = 12;

  /** What a rank's model consists of; {@code extra} is read by some ranks only. */
  private record Network(Parameter table, Parameter up, Parameter down, Parameter extra) {
    static Network of(Backend backend, Arena run, DType dtype, int wide) {
      return new Network(
          drawn(backend, run, "table", dtype, ROWS, DIMS),
          drawn(backend, run, "up", dtype, DIMS, wide),
          drawn(backend, run, "down", dtype, wide, DIMS),
          drawn(backend, run, "extra", dtype, DIMS, DIMS));
    }

    private static Parameter drawn(
        Backend backend, Arena run, String name, DType dtype, int... dims) {
      Tensor tensor = run.allocate(name, dtype, dims);
      backend.fillGaussian(tensor, RandomStream.of(3, name, 0, 0), 0, 0, 0.05);
      return new Parameter(name, tensor);
    }

    List<Parameter> parameters() {
      return List.of(table, up, down, extra);
    }

    /** The sum of the outputs of samples {@code from} to {@code to}. */
    Variable loss(Graph g, int from, int to, boolean withExtra) {
      Tensor tokens =
          g.arena()
              .ints("tokens", IntStream.range(from, to).map(sample -> 5 * sample % 31).toArray());
      Variable hidden = g.tanh(g.matmul(g.embedding(table, tokens), g.parameter(up)));
      Variable out = g.matmul(hidden, g.parameter(down));
      return g.sum(g.tanh(withExtra ? g.matmul(out, g.parameter(extra)) : out));
    }

    void clear() {
      parameters().forEach(Parameter::clearGradient);
    }
  }

  private interface Body<T> {
    T run(Collective ranks, Backend backend, Arena run, Arena step) throws Exception;
  }

  private static <T> List<T> onRanks(int world, Duration timeout, Body<T> body) throws Exception {
    return Ranks.run(
        world,
        timeout,
        ranks -> {
          try (Backend backend = Backends.select("java");
              Arena run = backend.arena("run");
              Arena step = run.child("step")) {
            return body.run(ranks, backend, run, step);
          }
        });
  }

  private static <T> List<T> onRanks(int world, Body<T> body) throws Exception {
    return onRanks(world, Duration.ofSeconds(30), body);
  }

  private static int first(int rank, int world) {
    return SAMPLES * rank / world;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void theSumsHaveTheBitsOfOneReductionAfterTheBackwardPass(int world) throws Exception {
    onRanks(
        world,
        (ranks, backend, run, step) -> {
          Network network = Network.of(backend, run, DType.F32, WIDE);
          int from = first(ranks.rank(), world);
          int to = first(ranks.rank() + 1, world);
          boolean withExtra = ranks.rank() != 1;

          Graph plain = new Graph(backend, step);
          plain.backward(network.loss(plain, from, to, withExtra));
          if (!withExtra) {
            Tensor zeros = step.zeros("extra", DType.F32, DIMS, DIMS);
            network.extra().gradient(Gradient.dense(zeros));
          }
          List<Tensor> dense =
              network.parameters().subList(1, 4).stream()
                  .map(parameter -> parameter.gradient().orElseThrow().values())
                  .toList();
          assertThat(dense.get(0).bytes()).isGreaterThan(ranks.segmentBytes());
          ranks.allReduce(dense, ReduceOp.SUM);
          List<float[]> expected = dense.stream().map(Tensor::toFloats).toList();

          for (int again = 0; again < 2; again++) {
            network.clear();
            step.reset();
            try (GradientReducer reducer =
                new GradientReducer(ranks, backend, network.parameters())) {
              Graph g = new Graph(backend, step);
              Variable loss = network.loss(g, from, to, withExtra);
              reducer.start(g, "step 1");
              g.backward(loss, reducer::complete);
              double[] numbers = {1, ranks.rank()};
              reducer.finish(numbers, step);
              assertThat(numbers).containsExactly(world, world * (world - 1) / 2.0);
            }
            for (int p = 0; p < expected.size(); p++) {
              Gradient sum = network.parameters().get(p + 1).gradient().orElseThrow();
              assertThat(sum.values().toFloats()).isEqualTo(expected.get(p));
            }
            assertThat(network.table().gradient().orElseThrow().isSparse()).isTrue();
          }
          return null;
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void theSumsDoNotDependOnTheNumberOfRanksInFloat64(int world) throws Exception {
    List<List<double[]>> alone = onRanks(1, GradientReducerTest::summed);
    List<List<double[]>> several = onRanks(world, GradientReducerTest::summed);
    for (List<double[]> rank : several) {
      for (int p = 0; p < rank.size(); p++) {
        assertThat(rank.get(p)).containsExactly(alone.get(0).get(p), within(1e-10));
        assertThat(rank.get(p)).isEqualTo(several.get(0).get(p));
      }
    }
  }

  private static List<double[]> summed(Collective ranks, Backend backend, Arena run, Arena step) {
    Network network = Network.of(backend, run, DType.F64, 300);
    try (GradientReducer reducer = new GradientReducer(ranks, backend, network.parameters())) {
      Graph g = new Graph(backend, step);
      int from = first(ranks.rank(), ranks.world());
      int to = first(ranks.rank() + 1, ranks.world());
      Variable loss = network.loss(g, from, to, true);
      reducer.start(g, "step 1");
      g.backward(loss, reducer::complete);
      reducer.finish(new double[0], step);
    }
    return network.parameters().stream().map(GradientReducerTest::whole).toList();
  }

  /** All rows of a gradient. */
  private static double[] whole(Parameter parameter) {
    Gradient gradient = parameter.gradient().orElseThrow();
    if (!gradient.isSparse()) {
      return gradient.values().toDoubles();
    }
    double[] rows = gradient.values().toDoubles();
    double[] all = new double[ROWS * DIMS];
    int[] numbers = gradient.rowSparse().orElseThrow().rows().toInts();
    for (int i = 0; i < numbers.length; i++) {
      System.arraycopy(rows, i * DIMS, all, numbers[i] * DIMS, DIMS);
    }
    return all;
  }

  /** On a device each is a mark in the order of its work. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aGradientIsSeenBesideWorkOnlyWhereItGoesToOthers(int world) throws Exception {
    AtomicInteger besides = new AtomicInteger();
    onRanks(
        world,
        (ranks, backend, run, step) -> {
          Parameter bias = new Parameter("bias", run.zeros("bias", DType.F32, 2));
          try (Arena blocks = backend.arena("blocks");
              Arena gradients = new Arena("gradients", counting(blocks, besides), 1 << 20);
              GradientReducer reducer = new GradientReducer(ranks, backend, List.of(bias))) {
            Tensor gradient = gradients.floats("gradient", new float[] {1, ranks.rank()});
            Graph g = new Graph(backend, step);
            g.parameter(bias);
            reducer.start(g, "step 1");
            bias.gradient(Gradient.dense(gradient));
            reducer.complete(bias);
            reducer.finish(new double[0], step);
            assertThat(gradient.toFloats()).containsExactly(world, world - 1);
          }
          return null;
        });
    assertThat(besides).hasValue(world == 1 ? 0 : world);
  }

  /** Memory of another arena that counts how often it is asked for beside work. */
  private static Memory counting(Arena blocks, AtomicInteger besides) {
    return new Memory() {
      @Override
      public Storage allocate(long bytes) {
        Tensor block = blocks.allocate("block", DType.F32, (int) (bytes / Float.BYTES));
        assertThat(block.byteOffset()).isZero();
        Storage storage = block.storage();
        InvocationHandler handler =
            (proxy, method, arguments) -> {
              switch (method.getName()) {
                case "beside":
                  besides.incrementAndGet();
                  return proxy;
                case "free": // is its arena's
                  return null;
                default:
                  return method.invoke(storage, arguments);
              }
            };
        return (Storage)
            Proxy.newProxyInstance(
                Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, handler);
      }

      @Override
      public String device() {
        return "cpu";
      }
    };
  }

  @Test
  void passesThatAddUpAreSummedOverRanksOnceAfterTheLast() throws Exception {
    List<List<double[]>> alone = onRanks(1, GradientReducerTest::summed);
    List<List<double[]>> ranks =
        onRanks(
            2,
            (collective, backend, run, step) -> {
              Network network = Network.of(backend, run, DType.F64, 300);
              int from = first(collective.rank(), 2);
              int to = first(collective.rank() + 1, 2);
              try (GradientReducer reducer =
                  new GradientReducer(collective, backend, network.parameters())) {
                Graph early = new Graph(backend, step);
                early.backward(network.loss(early, from, from + 2, true));
                Graph last = new Graph(backend, step);
                Variable loss = network.loss(last, from + 2, to, true);
                long before = reducer.bytesSent();
                reducer.start(last, "step 1");
                last.backward(loss, reducer::complete);
                reducer.finish(new double[0], step);
                long dense = 8L * (2 * 300 * DIMS + DIMS * DIMS);
                assertThat(reducer.bytesSent() - before).isBetween(dense, dense + 500);
              }
              return network.parameters().stream().map(GradientReducerTest::whole).toList();
            });
    for (List<double[]> rank : ranks) {
      for (int p = 0; p < rank.size(); p++) {
        assertThat(rank.get(p)).containsExactly(alone.get(0).get(p), within(1e-10));
      }
    }
  }

  @Test
  void aRankThatDiesWhileABucketIsUnderWayIsNamedAndNothingIsLeft() throws Exception {
    List<Throwable> failures =
        dying(
            Duration.ofSeconds(30),
            () -> {
              throw new IllegalStateException("rank 1 is out of order");
            });
    assertThat(failures.get(1)).hasMessage("rank 1 is out of order");
    assertThat(failures.get(0))
        .isInstanceOfSatisfying(RankFailure.class, e -> assertThat(e.rank()).isEqualTo(1))
        .hasMessageContaining("was lost during")
        .hasMessageContaining("at step 7");
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("batchwright-reduce"));
  }

  @Test
  void aRankThatIsLateWithABucketIsNamedWithIt() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    List<Throwable> failures =
        dying(
            Duration.ofSeconds(2),
            () -> {
              over.await(20, TimeUnit.SECONDS);
              throw new IllegalStateException("awake again");
            },
            over);
    assertThat(failures.get(0))
        .isInstanceOfSatisfying(RankFailure.class, e -> assertThat(e.rank()).isEqualTo(1))
        .hasMessageMatching(
            "rank 1 \\(.*\\) did not answer within 2 s during all-reduce of (extra.gradient|8"
                + " numbers).* at step 7");
  }

  private interface Trouble {
    void strike() throws Exception;
  }

  /**
   * Rank 1 gets into trouble before its last gradient is complete, while that of rank 0 is on its
   * way; rank 0 computes on until it hears of it, by the bucket or by what follows.
   */
  private static List<Throwable> dying(Duration timeout, Trouble trouble, CountDownLatch... latches)
      throws Exception {
    return onRanks(
        2,
        timeout,
        (ranks, backend, run, step) -> {
          Network network = Network.of(backend, run, DType.F32, 300);
          try (GradientReducer reducer =
              new GradientReducer(ranks, backend, network.parameters())) {
            Graph g = new Graph(backend, step);
            Variable loss = network.loss(g, 0, 4, true);
            Variable risky =
                g.custom(
                    "risky",
                    loss.value(),
                    loss,
                    gradient -> {
                      if (ranks.rank() == 1) {
                        strike(trouble);
                      }
                      return gradient;
                    });
            ranks.position("step 7");
            reducer.start(g, "step 7");
            return catchThrowable(
                () -> {
                  g.backward(risky, reducer::complete);
                  reducer.finish(new double[0], step);
                });
          } finally {
            Arrays.stream(latches).forEach(CountDownLatch::countDown);
          }
        });
  }

  private static void strike(Trouble trouble) {
    try {
      trouble.strike();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
