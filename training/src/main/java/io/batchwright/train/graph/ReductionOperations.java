package io.batchwright.train.graph;

import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.function.Supplier;

/** Sums, what is built on them, and their backward functions. */
final class ReductionOperations {
  private ReductionOperations() {}

  static Variable sum(Graph g, Variable x) {
    Tensor out = g.allocate("sum", x.value().dtype(), Shape.of());
    g.backend().sumAll(x.value(), out);
    return g.custom("sum", out, x, d -> spread(g, d, x));
  }

  static Variable sumRows(Graph g, Variable x) {
    Tensor out = g.allocate("sumRows", x.value().dtype(), x.shape().with(-1, 1));
    g.backend().sum(x.value(), -1, out);
    return g.custom("sumRows", out, x, d -> spread(g, d, x));
  }

  static Variable softmaxRows(Graph g, Variable scores, Tensor mask) {
    Tensor out = g.allocate("softmax", scores.value());
    g.backend().softmax(scores.value(), mask, out);
    Supplier<Tensor> saved = g.save(out);
    return g.custom(
        "softmax",
        out,
        scores,
        d -> {
          Tensor gradient = g.allocate("softmax.gradient", d);
          g.backend().softmaxBackward(saved.get(), d, gradient);
          return gradient;
        });
  }

  static Variable logSumExpRows(Graph g, Variable scores, Tensor mask) {
    int rows = scores.shape().dim(0);
    Tensor out = g.allocate("logSumExp", scores.value().dtype(), Shape.of(rows));
    g.backend().logSumExp(scores.value(), mask, out);
    Supplier<Tensor> saved = g.save(scores);
    return g.custom(
        "logSumExp",
        out,
        scores,
        d -> {
          Tensor gradient = g.allocate("logSumExp.gradient", scores.value());
          g.backend().softmax(saved.get(), mask, gradient);
          g.backend().multiply(gradient, d.reshape(rows, 1), gradient);
          return gradient;
        });
  }

  static Variable l2Normalize(Graph g, Variable x) {
    Tensor out = g.allocate("l2Normalize", x.value());
    Tensor norms = g.allocate("norms", x.value().dtype(), Shape.of(x.shape().dim(0)));
    g.backend().l2Normalize(x.value(), norms, out);
    Supplier<Tensor> savedOut = g.save(out);
    Supplier<Tensor> savedNorms = g.save(norms);
    return g.custom(
        "l2Normalize",
        out,
        x,
        d -> {
          Tensor gradient = g.allocate("l2Normalize.gradient", d);
          g.backend().l2NormalizeBackward(savedOut.get(), savedNorms.get(), d, gradient);
          return gradient;
        });
  }

  /** The gradient of a sum: each element gets that of the sum it went into. */
  private static Tensor spread(Graph g, Tensor d, Variable x) {
    Tensor gradient = g.allocate("spread", x.value());
    g.backend().fill(gradient, 0);
    g.backend().add(gradient, d, gradient);
    return gradient;
  }
}
