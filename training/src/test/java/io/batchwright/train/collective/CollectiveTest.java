package io.batchwright.train.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every operation, for worlds of 1 to 4 ranks that are joined by real sockets. */
class CollectiveTest {
  private static final Backend CPU = Backends.cpu();
  private static final int ABOVE_A_SEGMENT = Segments.MOST_BYTES / Float.BYTES + 12_345;

  @AfterAll
  static void close() {
    CPU.close();
  }

  @Test
  void theCpusMemoryIsSeenBySockets() {
    try (Arena arena = CPU.arena("seen")) {
      Tensor tensor = arena.floats("x", new float[] {1, 2, 3});
      assertThat(tensor.view(4, 8).orElseThrow().getFloat(4)).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void allReduceSumsOnEveryRankToTheSameBits(int world) throws Exception {
    for (int size : new int[] {0, 1, 3, 1_000, 300_001, ABOVE_A_SEGMENT}) {
      List<float[]> first = Ranks.run(world, collective -> reduced(collective, size));
      List<float[]> again = Ranks.run(world, collective -> reduced(collective, size));
      for (int rank = 0; rank < world; rank++) {
        assertThat(first.get(rank)).isEqualTo(first.get(0));
        assertThat(again.get(rank)).isEqualTo(first.get(0));
      }
      double[] sums = sums(world, size);
      for (int i = 0; i < size; i += 1 + size / 100) {
        assertThat((double) first.get(0)[i]).isCloseTo(sums[i], within(1e-5));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void severalTensorsOfSeveralTypesAreReducedInOneCall(int world) throws Exception {
    List<String> results =
        Ranks.run(
            world,
            collective -> {
              try (Arena arena = arena(collective)) {
                int rank = collective.rank();
                Tensor a = arena.floats("a", new float[] {rank, 2, -rank});
                Tensor b = arena.floats("b", new float[] {10 * rank}, 1, 1);
                Tensor c = arena.doubles("c", new double[] {0.5, rank});
                Tensor d = arena.ints("d", new int[] {rank, 7});
                collective.allReduce(List.of(a, b, c, d), ReduceOp.MAX);
                return Arrays.toString(a.toFloats())
                    + Arrays.toString(b.toFloats())
                    + Arrays.toString(c.toDoubles())
                    + Arrays.toString(d.toInts());
              }
            });
    int top = world - 1;
    String expected =
        "[%d.0, 2.0, -0.0][%d.0][0.5, %d.0][%d, 7]".formatted(top, 10 * top, top, top);
    assertThat(results)
        .allSatisfy(
            result ->
                assertThat(result.replace("-0.0", "0.0"))
                    .isEqualTo(expected.replace("-0.0", "0.0")));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void numbersAreSummedInTheOrderOfRanks(int world) throws Exception {
    List<double[]> results =
        Ranks.run(
            world,
            collective -> {
              double[] values = {1 + collective.rank(), 1e16, Math.pow(0.1, collective.rank())};
              collective.allReduce(values);
              return values;
            });
    double[] expected = new double[3];
    for (int rank = 0; rank < world; rank++) {
      expected[0] += 1 + rank;
      expected[1] += 1e16;
      expected[2] += Math.pow(0.1, rank);
    }
    assertThat(results).allSatisfy(result -> assertThat(result).isEqualTo(expected));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void rowBlocksOfDifferentSizesAreGathered(int world) throws Exception {
    for (int width : new int[] {1, 64, 100_000}) {
      int[] rows = IntStream.range(0, world).map(rank -> new int[] {5, 0, 43, 1}[rank]).toArray();
      int all = IntStream.of(rows).sum();
      List<float[]> results =
          Ranks.run(
              world,
              collective -> {
                try (Arena arena = arena(collective)) {
                  int own = rows[collective.rank()];
                  Tensor local = arena.zeros("local", DType.F32, own, width);
                  local.copyFrom(values(collective.rank(), own * width));
                  Tensor out = arena.zeros("out", DType.F32, all, width);
                  collective.allGather(local, out, rows);
                  return out.toFloats();
                }
              });
      float[] expected = new float[all * width];
      int at = 0;
      for (int rank = 0; rank < world; rank++) {
        System.arraycopy(values(rank, rows[rank] * width), 0, expected, at, rows[rank] * width);
        at += rows[rank] * width;
      }
      assertThat(results).allSatisfy(result -> assertThat(result).isEqualTo(expected));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void reduceScatterLeavesEachRankTheSumOfItsRows(int world) throws Exception {
    for (int width : new int[] {1, 64, 100_000}) {
      int[] rows = IntStream.range(0, world).map(rank -> new int[] {3, 0, 45, 1}[rank]).toArray();
      int all = IntStream.of(rows).sum();
      List<float[]> results =
          Ranks.run(
              world,
              collective -> {
                try (Arena arena = arena(collective)) {
                  Tensor full = arena.zeros("full", DType.F32, all, width);
                  full.copyFrom(values(collective.rank(), all * width));
                  Tensor out = arena.zeros("out", DType.F32, rows[collective.rank()], width);
                  collective.reduceScatter(full, out, rows);
                  return out.toFloats();
                }
              });
      double[] sums = sums(world, all * width);
      int at = 0;
      for (int rank = 0; rank < world; rank++) {
        float[] own = results.get(rank);
        assertThat(own).hasSize(rows[rank] * width);
        for (int i = 0; i < own.length; i += 1 + own.length / 50) {
          assertThat((double) own[i]).isCloseTo(sums[at + i], within(1e-5));
        }
        at += rows[rank] * width;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void broadcastGivesEveryRankTheTensorOfTheRoot(int world) throws Exception {
    for (int root = 0; root < world; root++) {
      for (int size : new int[] {0, 7, ABOVE_A_SEGMENT}) {
        int from = root;
        List<float[]> results =
            Ranks.run(
                world,
                collective -> {
                  try (Arena arena = arena(collective)) {
                    Tensor tensor = arena.zeros("weights", DType.F32, size);
                    tensor.copyFrom(values(collective.rank(), size));
                    collective.broadcast(tensor, from);
                    return tensor.toFloats();
                  }
                });
        float[] expected = values(root, size);
        assertThat(results).allSatisfy(result -> assertThat(result).isEqualTo(expected));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void arraysAreGatheredInTheOrderOfRanks(int world) throws Exception {
    List<String> results =
        Ranks.run(
            world,
            collective -> {
              int rank = collective.rank();
              int[] counts = collective.allGather(rank + 1);
              int[] ints = new int[rank + 1];
              Arrays.fill(ints, rank);
              long[] longs = new long[rank + 1];
              Arrays.fill(longs, -rank);
              collective.barrier();
              return Arrays.toString(counts)
                  + Arrays.toString(collective.allGather(ints, counts))
                  + Arrays.toString(collective.allGather(longs, counts));
            });
    int[] counts = IntStream.rangeClosed(1, world).toArray();
    int[] ints =
        IntStream.range(0, world).flatMap(r -> IntStream.generate(() -> r).limit(r + 1L)).toArray();
    String expected =
        Arrays.toString(counts)
            + Arrays.toString(ints)
            + Arrays.toString(IntStream.of(ints).map(i -> -i).toArray());
    assertThat(results).allSatisfy(result -> assertThat(result).isEqualTo(expected));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void partOfTheRanksCanWorkAsAGroup(int world) throws Exception {
    List<Double> results =
        Ranks.run(
            world,
            collective -> {
              double[] values = {collective.rank() + 1};
              if (collective.rank() != 1) {
                int[] others = IntStream.range(0, world).filter(rank -> rank != 1).toArray();
                try (Collective group = collective.subGroup(others)) {
                  group.allReduce(values);
                  group.barrier();
                }
              }
              collective.barrier();
              return values[0];
            });
    double others = world * (world + 1) / 2.0 - 2;
    for (int rank = 0; rank < world; rank++) {
      assertThat(results.get(rank)).isEqualTo(rank == 1 ? 2 : others);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void eachRankGetsTheRowsThatTheOthersHaveForIt(int world) throws Exception {
    for (int width : new int[] {1, 300_000}) {
      List<float[]> results =
          Ranks.run(
              world,
              collective -> {
                int rank = collective.rank();
                int[] sent = IntStream.range(0, world).map(to -> rows(rank, to)).toArray();
                int[] received = IntStream.range(0, world).map(from -> rows(from, rank)).toArray();
                try (Arena arena = arena(collective)) {
                  int all = IntStream.of(sent).sum();
                  Tensor local = arena.zeros("local", DType.F32, all, width);
                  local.copyFrom(values(rank, all * width));
                  Tensor out = arena.zeros("out", DType.F32, IntStream.of(received).sum(), width);
                  collective.allToAll(local, sent, out, received);
                  collective.barrier();
                  return out.toFloats();
                }
              });
      for (int to = 0; to < world; to++) {
        int at = 0;
        for (int from = 0; from < world; from++) {
          int receiver = to;
          int sender = from;
          int before = IntStream.range(0, to).map(other -> rows(sender, other)).sum() * width;
          int all = IntStream.range(0, world).map(other -> rows(sender, other)).sum() * width;
          int count = rows(sender, receiver) * width;
          float[] theirs = Arrays.copyOfRange(values(from, all), before, before + count);
          assertThat(Arrays.copyOfRange(results.get(to), at, at + count)).isEqualTo(theirs);
          at += count;
        }
      }
    }
  }

  private static int rows(int from, int to) {
    return from == 1 && to == 0 ? 0 : 3 * from + to + 1;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void tensorsGoFromRankToRank(int world) throws Exception {
    for (int size : new int[] {0, 5, ABOVE_A_SEGMENT}) {
      List<float[]> results =
          Ranks.run(
              world,
              collective -> {
                try (Arena arena = arena(collective)) {
                  Tensor tensor = arena.zeros("activations", DType.F32, size);
                  tensor.copyFrom(values(collective.rank(), size));
                  for (int turn = 0; turn < 2; turn++) {
                    if (collective.rank() == world - 1) {
                      collective.send(tensor, 0);
                      collective.receive(tensor, 0);
                    } else if (collective.rank() == 0) {
                      Tensor theirs = arena.zeros("theirs", DType.F32, size);
                      collective.receive(theirs, world - 1);
                      collective.send(tensor, world - 1);
                      tensor = theirs;
                    }
                  }
                  return tensor.toFloats();
                }
              });
      // Twice exchanged: each has its own again.
      assertThat(results.get(0)).isEqualTo(values(0, size));
      assertThat(results.get(world - 1)).isEqualTo(values(world - 1, size));
    }
  }

  @ParameterizedTest
  @CsvSource({"2, true, 1", "3, true, 1", "2, false, 3", "3, false, 2", "3, true, 4"})
  void encryptionAndSeveralSocketsChangeNoNumber(int world, boolean confidential, int sockets)
      throws Exception {
    Ranks.Link link = new Ranks.Link(Duration.ofSeconds(30), confidential, sockets);
    for (int size : new int[] {1, 1_000, 300_001, ABOVE_A_SEGMENT}) {
      List<float[]> plain = Ranks.run(world, collective -> reduced(collective, size));
      List<float[]> linked =
          Ranks.run(
              world,
              link,
              collective -> {
                double[] ranks = {1};
                collective.allReduce(ranks);
                assertThat(ranks[0]).isEqualTo(world);
                return reduced(collective, size);
              });
      assertThat(linked.get(world - 1)).isEqualTo(plain.get(0));
    }
  }

  @Test
  void aSumNeverDependsOnWhereTensorsLie() throws Exception {
    List<float[]> mixed = Ranks.run(3, collective -> reduced(collective, 300_001));
    List<float[]> copied =
        Ranks.run(
            3,
            collective -> {
              try (Arena arena = HeapMemory.arena()) {
                return reduced(collective, arena, 300_001);
              }
            });
    assertThat(mixed.get(0)).isEqualTo(copied.get(0));
  }

  /** Memory that sockets see on ranks 0 and 2, memory that is copied on ranks 1 and 3. */
  private static Arena arena(Collective collective) {
    return collective.rank() % 2 == 0 ? CPU.arena("rank") : HeapMemory.arena();
  }

  private static float[] reduced(Collective collective, int size) {
    try (Arena arena = arena(collective)) {
      return reduced(collective, arena, size);
    }
  }

  private static float[] reduced(Collective collective, Arena arena, int size) {
    Tensor tensor = arena.zeros("gradient", DType.F32, size);
    tensor.copyFrom(values(collective.rank(), size));
    collective.allReduce(tensor, ReduceOp.SUM);
    return tensor.toFloats();
  }

  private static double[] sums(int world, int size) {
    double[] sums = new double[size];
    for (int rank = 0; rank < world; rank++) {
      float[] values = values(rank, size);
      for (int i = 0; i < size; i++) {
        sums[i] += values[i];
      }
    }
    return sums;
  }

  private static float[] values(int rank, int size) {
    SplittableRandom random = new SplittableRandom(31L * rank + 7);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextDouble() - 0.5f;
    }
    return values;
  }
}
