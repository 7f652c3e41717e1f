package io.batchwright.train.collective;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs a body once a rank, each on a thread of this process, joined by a real ring over loopback:
 * for measurements, and for tests of what ranks do together.
 */
public final class Ranks {
  /** What one rank does. */
  public interface Body<T> {
    T run(Collective collective) throws Exception;
  }

  /**
   * How they are joined.
   *
   * @param timeout longest wait for a peer within one operation
   * @param confidential whether data is encrypted
   * @param socketsPerPeer connections over which data goes to one rank
   */
  public record Link(Duration timeout, boolean confidential, int socketsPerPeer) {}

  private Ranks() {}

  /** The results in the order of ranks; the first failure of any rank is thrown. */
  public static <T> List<T> run(int world, Body<T> body) throws Exception {
    return run(world, Duration.ofSeconds(30), body);
  }

  /** As {@link #run(int, Body)}, with a deadline for each wait. */
  public static <T> List<T> run(int world, Duration timeout, Body<T> body) throws Exception {
    return run(world, new Link(timeout, false, RankContext.USUAL_SOCKETS), body);
  }

  /** As {@link #run(int, Body)}, over connections of another kind. */
  public static <T> List<T> run(int world, Link link, Body<T> body) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(world);
    try {
      List<RankEndpoint> endpoints = new ArrayList<>();
      List<RankAddress> addresses = new ArrayList<>();
      for (int rank = 0; rank < world; rank++) {
        endpoints.add(RankEndpoint.bind(context(rank, world, link), "127.0.0.1"));
        addresses.add(endpoints.get(rank).address());
      }
      List<Future<T>> results = new ArrayList<>();
      for (RankEndpoint endpoint : endpoints) {
        results.add(
            threads.submit(
                () -> {
                  try (endpoint;
                      Collective collective = endpoint.connect(addresses)) {
                    return body.run(collective);
                  }
                }));
      }
      List<T> values = new ArrayList<>();
      for (Future<T> result : results) {
        values.add(result.get());
      }
      return values;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      threads.shutdownNow();
    }
  }

  /** Bytes that a ring of so many ranks moves at a time. */
  public static int segmentBytes(int world) {
    return new Segments(world).bytes();
  }

  /** A context whose run key is all ones: these ranks listen on this machine's loopback only. */
  static RankContext context(int rank, int world, Duration timeout) {
    return context(rank, world, new Link(timeout, false, RankContext.USUAL_SOCKETS));
  }

  private static RankContext context(int rank, int world, Link link) {
    byte[] key = new byte[32];
    Arrays.fill(key, (byte) 1);
    return new RankContext(
        rank, world, 0, "test", key, link.timeout(), link.confidential(), link.socketsPerPeer());
  }
}
