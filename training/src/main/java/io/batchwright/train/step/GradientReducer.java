package io.batchwright.train.step;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.collective.Collective;
import io.batchwright.train.collective.ReduceOp;
import io.batchwright.train.graph.Gradient;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Replaces each rank's gradients by their sum over ranks, each byte once, and sums a few numbers on
 * the way.
 *
 * <p>Dense gradients go over a ring and a thread of their own while the backward pass computes the
 * rest, see {@link BucketReduction}. After it one small all-reduce carries the numbers and, for
 * each parameter, how many rows each rank touched; row-sparse gradients are summed over the union
 * of those rows. The order is the order of the parameters on every rank.
 *
 * <p>A failure of that thread is thrown by the next call. One that did not end must not be used
 * again: close it.
 */
final class GradientReducer implements AutoCloseable {
  private static final int DENSE = -1;

  private final Collective ranks;
  private final Collective beside;
  private final Backend backend;
  private final List<Parameter> parameters;
  private final ExecutorService thread;
  private BucketReduction buckets;
  private Future<Void> sent;
  private double joinSeconds;
  private double waitSeconds;

  /** All ranks make theirs at the same time, since it connects them. */
  GradientReducer(Collective ranks, Backend backend, List<Parameter> parameters) {
    this.ranks = ranks;
    this.beside = ranks.subGroup(IntStream.range(0, ranks.world()).toArray());
    this.backend = backend;
    this.parameters =
        ranks.world() == 1
            ? List.of() // whose sums over ranks they are already
            : parameters.stream().filter(parameter -> !parameter.frozen()).toList();
    this.thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread made = new Thread(task, "batchwright-reduce-" + ranks.rank());
              made.setDaemon(true);
              return made;
            });
  }

  /**
   * Before the backward pass; of several passes that add up, before the last.
   *
   * @param where for messages about late ranks
   */
  void start(Graph graph, String where) {
    if (sent != null && !sent.isDone()) {
      throw new IllegalStateException("the step before has not ended");
    }
    Set<Parameter> dense = new HashSet<>(graph.readWhole());
    parameters.stream().filter(GradientReducer::isDense).forEach(dense::add);
    beside.position(where);
    buckets = new BucketReduction(beside, parameters, dense);
    sent = thread.submit(buckets);
  }

  /** In the backward pass: the gradient of {@code parameter} is what this rank adds. */
  void complete(Parameter parameter) {
    if (sent.isDone()) {
      join(sent);
    }
    if (ranks.world() > 1 && isDense(parameter)) { // alone nobody moves it
      buckets.complete(parameter, parameter.gradient().orElseThrow().values());
    }
  }

  /**
   * After the backward pass: waits until gradients and {@code numbers} are summed over ranks.
   *
   * @param numbers this rank's summands; they become the sums
   * @param step holds the summed gradients
   */
  void finish(double[] numbers, Arena step) {
    int world = ranks.world();
    double[] message = Arrays.copyOf(numbers, numbers.length + parameters.size() * world);
    for (int p = 0; p < parameters.size(); p++) {
      message[numbers.length + p * world + ranks.rank()] = touchedRows(parameters.get(p));
    }
    Set<Parameter> dense = join(buckets.dense());
    for (Parameter parameter : parameters) {
      if (dense.contains(parameter) && !buckets.has(parameter)) {
        buckets.complete(parameter, spreadOut(parameter, step));
      }
    }
    ranks.allReduce(message);
    System.arraycopy(message, 0, numbers, 0, numbers.length);
    for (int p = 0; p < parameters.size(); p++) {
      int from = numbers.length + p * world;
      int[] rows =
          Arrays.stream(message, from, from + world).mapToInt(value -> (int) value).toArray();
      Parameter parameter = parameters.get(p);
      if (IntStream.of(rows).allMatch(count -> count == 0)) {
        parameter.clearGradient();
      } else if (!dense.contains(parameter)) {
        parameter.gradient(Gradient.sparse(sumRows(parameter, rows, step)));
      }
    }
    join(sent);
  }

  /** Seconds that the calling thread waited for other ranks to send dense gradients. */
  double waitSeconds() {
    return waitSeconds;
  }

  /** Seconds that it stood still because these were moved and added, without waiting. */
  double exposedSeconds() {
    return joinSeconds - waitSeconds;
  }

  /** Seconds that dense gradients were moved and added, exposed or not, without waiting. */
  double besideSeconds() {
    return beside.operationSeconds() - beside.waitSeconds();
  }

  /** Bytes of dense gradients that this rank sent. */
  long bytesSent() {
    return beside.bytesSent();
  }

  private static boolean isDense(Parameter parameter) {
    return parameter.gradient().filter(gradient -> !gradient.isSparse()).isPresent();
  }

  private static int touchedRows(Parameter parameter) {
    return isDense(parameter)
        ? DENSE
        : parameter.gradient().flatMap(Gradient::rowSparse).map(RowSparse::count).orElse(0);
  }

  /** What this rank adds to a gradient that is dense elsewhere. */
  private Tensor spreadOut(Parameter parameter, Arena step) {
    Optional<Gradient> gradient = parameter.gradient();
    if (isDense(parameter)) {
      return gradient.orElseThrow().values();
    }
    Tensor like = parameter.storage();
    Tensor dense = step.zeros(parameter.name(), like.dtype(), like.shape());
    gradient
        .flatMap(Gradient::rowSparse)
        .filter(rows -> rows.count() > 0)
        .ifPresent(rows -> backend.scatterAddRows(rows.values(), rows.rows(), 1, dense));
    parameter.gradient(Gradient.dense(dense));
    return dense;
  }

  private RowSparse sumRows(Parameter parameter, int[] counts, Arena step) {
    Optional<RowSparse> own =
        parameter.gradient().flatMap(Gradient::rowSparse).filter(rows -> rows.count() > 0);
    int[] ownRows = own.map(rows -> rows.rows().toInts()).orElse(new int[0]);
    int[] union = IntStream.of(ranks.allGather(ownRows, counts)).sorted().distinct().toArray();
    Tensor like = parameter.storage();
    Tensor sums =
        step.zeros(parameter.name(), like.dtype(), union.length, like.shape().columns()); // [U, D]
    if (own.isPresent()) {
      Tensor places = step.allocate(parameter.name() + ".places", DType.I32, ownRows.length);
      places.copyFrom(IntStream.of(ownRows).map(row -> Arrays.binarySearch(union, row)).toArray());
      backend.scatterAddRows(own.get().values(), places, 1, sums);
    }
    ranks.allReduce(sums, ReduceOp.SUM);
    Tensor rows = step.allocate(parameter.name() + ".rows", DType.I32, union.length);
    rows.copyFrom(union);
    return new RowSparse(rows, sums);
  }

  private <T> T join(Future<T> other) {
    long start = System.nanoTime();
    double waitedBefore = beside.waitSeconds();
    try {
      return other.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw new IllegalStateException("gradients were not summed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while gradients were summed", e);
    } finally {
      double joined = (System.nanoTime() - start) / 1e9;
      joinSeconds += joined;
      // A wait is counted when it ends, and may have begun before this call.
      waitSeconds += Math.min(joined, beside.waitSeconds() - waitedBefore);
    }
  }

  /** Ends the thread, whatever it does, before the memory that it reads is gone. */
  @Override
  public void close() {
    thread.shutdownNow();
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = thread.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    beside.close();
  }
}
