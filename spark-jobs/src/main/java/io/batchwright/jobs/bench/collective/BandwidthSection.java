package io.batchwright.jobs.bench.collective;

import com.sun.management.OperatingSystemMXBean;
import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.collective.Collective;
import io.batchwright.train.collective.Ranks;
import io.batchwright.train.collective.ReduceOp;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** All-reduce of one tensor on two ranks, beside a plain copy of as many bytes both ways. */
final class BandwidthSection {
  private static final int LARGEST_KILOBYTES = 64 * 1024;
  private static final int[] KILOBYTES = {4, 64, 1024, 16 * 1024, LARGEST_KILOBYTES};
  private static final int[] SOCKETS = {1, 2, 4};
  private static final int RANKS = 2;
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  void measure(Bench bench) throws Exception {
    BenchTable.Builder table =
        BenchTable.of(
            "All-reduce of float32 on two ranks",
            "bytes",
            "ms, median",
            "lowest",
            "GB/s each way",
            "plain sockets, GB/s",
            "share",
            "share by processor seconds");
    try (PlainSockets sockets = new PlainSockets()) {
      for (int kilobytes : KILOBYTES) {
        int rounds = bench.recipe().size(kilobytes > 1024 ? 12 : 60, kilobytes > 1024 ? 40 : 400);
        // On two ranks the ring sends each byte once to reduce and once to spread the halves.
        long bytes = kilobytes * 1024L;
        double[] plain = new double[rounds];
        double[] ours = new double[rounds];
        double plainProcessor = 0;
        double ourProcessor = 0;
        // Alternating blocks, so that the machine's other work befalls both.
        for (int done = 0; done < rounds; done += Math.max(1, rounds / 4)) {
          int some = Math.min(Math.max(1, rounds / 4), rounds - done);
          double before = processorSeconds();
          for (int i = 0; i < some; i++) {
            plain[done + i] = sockets.exchange(bytes);
          }
          plainProcessor += processorSeconds() - before;
          List<double[]> ranks = Ranks.run(RANKS, rank -> allReduces(rank, kilobytes, some));
          for (int i = 0; i < some; i++) {
            int round = i;
            ours[done + i] = ranks.stream().mapToDouble(r -> r[round]).max().orElseThrow();
          }
          ourProcessor += ranks.get(0)[some];
        }
        report(bench, table, kilobytes, ours, plain, plainProcessor / ourProcessor);
      }
    }
    bench.table(
        table.note(
            "Each of two ranks, threads of one process joined over loopback, sends and receives as"
                + " many bytes as the tensor has and adds half of them; plain sockets send and"
                + " receive as many and add nothing. Share: the ratio of the lowest times; that by"
                + " processor seconds, of all threads together, hardly depends on what else the"
                + " machine does."));
  }

  /** All-reduce of 64 MB over one socket to the peer, two and four, in turns. */
  void measureSockets(Bench bench) throws Exception {
    int rounds = bench.recipe().size(12, 40);
    double[][] seconds = new double[SOCKETS.length][rounds];
    for (int done = 0; done < rounds; done += 4) {
      int first = done;
      int some = Math.min(4, rounds - done);
      for (int i = 0; i < SOCKETS.length; i++) {
        Ranks.Link link = new Ranks.Link(Duration.ofSeconds(30), false, SOCKETS[i]);
        List<double[]> ranks =
            Ranks.run(RANKS, link, rank -> allReduces(rank, LARGEST_KILOBYTES, some));
        for (int round = 0; round < some; round++) {
          seconds[i][first + round] = Math.max(ranks.get(0)[round], ranks.get(1)[round]);
        }
      }
    }
    BenchTable.Builder table =
        BenchTable.of(
            "All-reduce of 64 MB on two ranks over several sockets",
            "sockets",
            "ms, median",
            "lowest");
    for (int i = 0; i < SOCKETS.length; i++) {
      Arrays.sort(seconds[i]);
      String median = number(1000 * seconds[i][rounds / 2]);
      String lowest = number(1000 * seconds[i][0]);
      table.row(Integer.toString(SOCKETS[i]), median, lowest);
      bench.say("  %d sockets  %s ms, lowest %s", SOCKETS[i], median, lowest);
    }
    double[] most = seconds[SOCKETS.length - 1];
    bench.figure("collective_sockets4_over_socket1", "ratio", seconds[0][0] / most[0]);
    bench.table(
        table.note(
            "More connections are for networks that bound what one of them carries; on a loopback"
                + " two are as fast as one where the machine is idle, and faster where it is busy"
                + " (train.socketsPerPeer)."));
  }

  /** Seconds of each round, then the processor seconds of this process in all of them. */
  private static double[] allReduces(Collective ranks, int kilobytes, int rounds) {
    double[] seconds = new double[rounds + 1];
    double before = 0;
    try (Backend backend = Backends.cpu();
        Arena arena = backend.arena("all-reduce")) {
      Tensor tensor = arena.zeros("gradients", DType.F32, kilobytes * 256);
      for (int i = -3; i < rounds; i++) {
        ranks.barrier();
        before = i == 0 ? processorSeconds() : before;
        long start = System.nanoTime();
        ranks.allReduce(tensor, ReduceOp.SUM);
        if (i >= 0) {
          seconds[i] = (System.nanoTime() - start) / 1e9;
        }
      }
      ranks.barrier();
      seconds[rounds] = processorSeconds() - before;
    }
    return seconds;
  }

  private static void report(
      Bench bench,
      BenchTable.Builder table,
      int kilobytes,
      double[] ours,
      double[] plain,
      double processorShare) {
    double bytes = kilobytes * 1024.0;
    double lowest = Arrays.stream(ours).min().orElseThrow();
    double plainLowest = Arrays.stream(plain).min().orElseThrow();
    double[] sorted = ours.clone();
    Arrays.sort(sorted);
    if (kilobytes == LARGEST_KILOBYTES) {
      bench.figure("collective_share_of_tcp", "share", plainLowest / lowest);
      bench.figure("collective_processor_share_of_tcp", "share", processorShare);
    }
    if (kilobytes == 4) {
      bench.figure(
          "collective_latency_4kb_us", "us", Arrays.stream(ours).map(s -> s * 1e6).toArray());
    }
    table.row(
        String.format(Locale.ROOT, "%,d", kilobytes * 1024),
        number(1000 * sorted[sorted.length / 2]),
        number(1000 * lowest),
        number(bytes / lowest / 1e9),
        number(bytes / plainLowest / 1e9),
        String.format(Locale.ROOT, "%.2f", plainLowest / lowest),
        String.format(Locale.ROOT, "%.2f", processorShare));
    bench.say(
        "  %,12d bytes  %s ms  share %.2f, by processor seconds %.2f",
        kilobytes * 1024,
        number(1000 * sorted[sorted.length / 2]),
        plainLowest / lowest,
        processorShare);
  }

  private static double processorSeconds() {
    return PROCESS.getProcessCpuTime() / 1e9;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
