package io.batchwright.train.step;

import io.batchwright.tensor.Tensor;
import io.batchwright.train.collective.Collective;
import io.batchwright.train.collective.ReduceOp;
import io.batchwright.train.graph.Parameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The dense gradients of one step on their way over the ranks: a thread of its own sums them bucket
 * by bucket, in an order that is the same on every rank, each bucket as soon as this rank's part is
 * complete.
 *
 * <p>First the ranks agree which gradients are dense: those that are so on any rank. That thread
 * only moves bytes, beside what a device computes; it computes nothing on the backend and allocates
 * nothing.
 */
final class BucketReduction implements Callable<Void> {
  private final Collective ranks;
  private final List<Parameter> parameters;
  private final Set<Parameter> own;
  private final CompletableFuture<Set<Parameter>> dense = new CompletableFuture<>();
  private final Map<Parameter, Tensor> complete = new HashMap<>(); // guarded by this

  /**
   * @param ranks nobody else uses this group meanwhile
   * @param parameters the same on every rank
   * @param own those whose gradient will be dense on this rank
   */
  BucketReduction(Collective ranks, List<Parameter> parameters, Set<Parameter> own) {
    this.ranks = ranks;
    this.parameters = parameters;
    this.own = own;
  }

  /** Those whose gradient is dense on some rank, once all ranks have said so. */
  Future<Set<Parameter>> dense() {
    return dense;
  }

  /** Hands over this rank's summand, which becomes the sum; nobody touches it until the end. */
  synchronized void complete(Parameter parameter, Tensor gradient) {
    complete.put(parameter, gradient.beside());
    notifyAll();
  }

  /** Whether this rank's summand has been handed over. */
  synchronized boolean has(Parameter parameter) {
    return complete.containsKey(parameter);
  }

  @Override
  public Void call() throws InterruptedException {
    try {
      List<Parameter> agreed = agree();
      dense.complete(Set.copyOf(agreed));
      for (List<Buckets.Slice> bucket : Buckets.of(agreed, ranks.segmentBytes())) {
        List<Tensor> tensors = new ArrayList<>();
        for (Buckets.Slice slice : bucket) {
          Tensor gradient = await(slice.parameter());
          tensors.add(
              gradient
                  .reshape(Math.toIntExact(gradient.elements()))
                  .rows(slice.from(), slice.to()));
        }
        ranks.allReduce(tensors, ReduceOp.SUM);
      }
      return null;
    } catch (InterruptedException | RuntimeException | Error e) {
      dense.completeExceptionally(e);
      throw e;
    }
  }

  private List<Parameter> agree() {
    double[] flags = parameters.stream().mapToDouble(p -> own.contains(p) ? 1 : 0).toArray();
    ranks.allReduce(flags, ReduceOp.MAX);
    return IntStream.range(0, flags.length)
        .filter(p -> flags[p] > 0)
        .mapToObj(parameters::get)
        .collect(Collectors.toList());
  }

  private synchronized Tensor await(Parameter parameter) throws InterruptedException {
    while (!complete.containsKey(parameter)) {
      wait();
    }
    return complete.get(parameter);
  }
}
