package io.batchwright.train.graph;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Tensor;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * Trades time for memory (Chen et al., "Training Deep Nets with Sublinear Memory Cost", 1604.06174,
 * section 4): a layer's inner results live in the step arena's scratch, which the next layer uses
 * again, and are computed a second time on the way back.
 */
final class Recomputation {
  private Recomputation() {}

  static Variable of(
      Graph g, String operation, Variable x, BiFunction<Graph, Variable, Variable> body) {
    Arena scratch = g.arena().scratch();
    Graph first = new Graph(g, scratch);
    Variable result = body.apply(first, leaf(first, x.value(), x.needsGradient()));
    Tensor out = g.copyOf(operation, result.value());
    scratch.reset();
    if (!result.needsGradient()) {
      return g.constant(out);
    }
    Supplier<Tensor> saved = g.save(x);
    return g.sink(
        operation,
        out,
        d -> {
          Graph again = new Graph(g, scratch);
          Variable input = leaf(again, saved.get(), x.needsGradient());
          again.backward(body.apply(again, input), d);
          input.gradient().ifPresent(gradient -> x.accumulate(gradient, again));
          scratch.reset();
        });
  }

  private static Variable leaf(Graph g, Tensor value, boolean needsGradient) {
    return needsGradient ? g.variable(value) : g.constant(value);
  }
}
