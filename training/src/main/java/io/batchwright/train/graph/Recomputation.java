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
    Tensor out = g.copyOf(operation, body.apply(first, first.constant(x.value())).value());
    scratch.reset();
    Supplier<Tensor> saved = g.save(x);
    return g.sink(
        operation,
        out,
        d -> {
          Graph again = new Graph(g, scratch);
          Variable input =
              x.needsGradient() ? again.variable(saved.get()) : again.constant(saved.get());
          again.backward(body.apply(again, input), d);
          input.gradient().ifPresent(gradient -> x.accumulate(gradient, again));
          scratch.reset();
        });
  }
}
