package io.batchwright.train.graph;

import io.batchwright.kernel.Arguments;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.List;
import java.util.function.Supplier;

/** Element-wise operations and their backward functions. */
final class ElementOperations {
  private ElementOperations() {}

  static Variable add(Graph g, Variable a, Variable b) {
    Tensor out = g.allocate("add", a.value());
    g.backend().add(a.value(), b.value(), out);
    return g.custom(
        "add", out, List.of(new Edge(a, d -> d), new Edge(b, d -> reduceTo(g, d, b.shape()))));
  }

  static Variable sub(Graph g, Variable a, Variable b) {
    Tensor out = g.allocate("sub", a.value());
    g.backend().subtract(a.value(), b.value(), out);
    return g.custom(
        "sub",
        out,
        List.of(new Edge(a, d -> d), new Edge(b, d -> reduceTo(g, scaled(g, d, -1), b.shape()))));
  }

  static Variable mul(Graph g, Variable a, Variable b) {
    Tensor out = g.allocate("mul", a.value());
    g.backend().multiply(a.value(), b.value(), out);
    Supplier<Tensor> savedA = g.save(a);
    Supplier<Tensor> savedB = g.save(b);
    return g.custom(
        "mul",
        out,
        List.of(
            new Edge(a, d -> product(g, d, savedB.get())),
            new Edge(b, d -> reduceTo(g, product(g, d, savedA.get()), b.shape()))));
  }

  static Variable div(Graph g, Variable a, Variable b) {
    Tensor out = g.allocate("div", a.value());
    g.backend().divide(a.value(), b.value(), out);
    Supplier<Tensor> savedB = g.save(b);
    Supplier<Tensor> savedOut = g.save(out);
    return g.custom(
        "div",
        out,
        List.of(
            new Edge(a, d -> quotient(g, d, savedB.get())),
            // d(a / b) / db = -(a / b) / b
            new Edge(
                b,
                d -> {
                  Tensor perElement = quotient(g, product(g, d, savedOut.get()), savedB.get());
                  return reduceTo(g, scaled(g, perElement, -1), b.shape());
                })));
  }

  static Variable cast(Graph g, Variable x, DType dtype) {
    DType before = x.value().dtype();
    return before == dtype
        ? x
        : g.custom("cast", cast(g, x.value(), dtype), x, d -> cast(g, d, before));
  }

  private static Tensor cast(Graph g, Tensor x, DType dtype) {
    Tensor out = g.allocate("cast", dtype, x.shape());
    g.backend().cast(x, out);
    return out;
  }

  static Variable scale(Graph g, Variable x, double factor) {
    return g.custom("scale", scaled(g, x.value(), factor), x, d -> scaled(g, d, factor));
  }

  static Variable shift(Graph g, Variable x, double addend) {
    Tensor out = g.allocate("shift", x.value());
    g.backend().shift(x.value(), addend, out);
    return g.custom("shift", out, x, d -> d);
  }

  static Variable exp(Graph g, Variable x) {
    Tensor out = g.allocate("exp", x.value());
    g.backend().exp(x.value(), out);
    Supplier<Tensor> saved = g.save(out);
    return g.custom("exp", out, x, d -> product(g, d, saved.get()));
  }

  static Variable log(Graph g, Variable x) {
    Tensor out = g.allocate("log", x.value());
    g.backend().log(x.value(), out);
    Supplier<Tensor> saved = g.save(x);
    return g.custom("log", out, x, d -> quotient(g, d, saved.get()));
  }

  static Variable sqrt(Graph g, Variable x) {
    Tensor out = g.allocate("sqrt", x.value());
    g.backend().sqrt(x.value(), out);
    Supplier<Tensor> saved = g.save(out);
    return g.custom("sqrt", out, x, d -> scaled(g, quotient(g, d, saved.get()), 0.5));
  }

  static Variable tanh(Graph g, Variable x) {
    Tensor out = g.allocate("tanh", x.value());
    g.backend().tanh(x.value(), out);
    Supplier<Tensor> saved = g.save(out);
    return g.custom(
        "tanh",
        out,
        x,
        d -> {
          Tensor gradient = g.allocate("tanh.gradient", d);
          g.backend().tanhBackward(saved.get(), d, gradient);
          return gradient;
        });
  }

  static Variable relu(Graph g, Variable x) {
    Tensor out = g.allocate("relu", x.value());
    g.backend().relu(x.value(), out);
    Supplier<Tensor> saved = g.save(x);
    return g.custom(
        "relu",
        out,
        x,
        d -> {
          Tensor gradient = g.allocate("relu.gradient", d);
          g.backend().reluBackward(saved.get(), d, gradient);
          return gradient;
        });
  }

  static Variable gelu(Graph g, Variable x) {
    Tensor out = g.allocate("gelu", x.value());
    g.backend().gelu(x.value(), out);
    return gelu(g, x, out);
  }

  /** The operation whose result has been computed. */
  static Variable gelu(Graph g, Variable x, Tensor out) {
    Supplier<Tensor> saved = g.save(x);
    return g.custom(
        "gelu",
        out,
        x,
        Pullback.making(
            d -> {
              Tensor gradient = g.allocate("gelu.gradient", d);
              g.backend().geluBackward(saved.get(), d, gradient);
              return gradient;
            }));
  }

  /** The sum of {@code full} over the elements that one element of {@code shape} was used for. */
  static Tensor reduceTo(Graph g, Tensor full, Shape shape) {
    if (full.shape().equals(shape)) {
      return full;
    }
    Tensor reduced = g.allocate("reduced", Arguments.computed(full.dtype()), shape);
    if (shape.elements() == 1) {
      g.backend().sumAll(full, reduced);
    } else if (shape.columns() == 1) {
      g.backend().sum(full, -1, reduced);
    } else {
      int columns = shape.columns();
      Tensor matrix = full.reshape((int) full.shape().rows(), columns);
      g.backend().sum(matrix, 0, reduced.reshape(columns));
    }
    return reduced;
  }

  private static Tensor scaled(Graph g, Tensor x, double factor) {
    Tensor out = g.allocate("scale", x);
    g.backend().scale(x, factor, out);
    return out;
  }

  private static Tensor product(Graph g, Tensor a, Tensor b) {
    Tensor out = g.allocate("product", a);
    g.backend().multiply(a, b, out);
    return out;
  }

  private static Tensor quotient(Graph g, Tensor a, Tensor b) {
    Tensor out = g.allocate("quotient", a);
    g.backend().divide(a, b, out);
    return out;
  }
}
