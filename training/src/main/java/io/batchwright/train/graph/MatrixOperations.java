package io.batchwright.train.graph;

import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Matrix products, changes of layout, and their backward functions. */
final class MatrixOperations {
  private MatrixOperations() {}

  static Variable matmul(Graph g, Variable a, boolean ta, Variable b, boolean tb, double alpha) {
    Supplier<Tensor> savedA = g.save(a);
    Supplier<Tensor> savedB = g.save(b);
    Tensor out = product(g, a.value(), ta, b.value(), tb, alpha);
    return g.custom(
        "matmul",
        out,
        List.of(
            new Edge(
                a,
                d ->
                    ta
                        ? product(g, savedB.get(), tb, d, true, alpha)
                        : product(g, d, false, savedB.get(), !tb, alpha)),
            new Edge(
                b,
                d ->
                    tb
                        ? product(g, d, true, savedA.get(), ta, alpha)
                        : product(g, savedA.get(), !ta, d, false, alpha))));
  }

  static Variable linear(Graph g, Variable x, Variable weight, Variable bias) {
    Tensor out = layerResult(g, "linear", x, weight);
    g.backend().linear(x.value(), weight.value(), bias.value(), out);
    return g.custom("linear", out, layerEdges(g, x, weight, bias));
  }

  /** Two operations on the tape, whose results come of one call. */
  static Variable linearGelu(Graph g, Variable x, Variable weight, Variable bias) {
    Tensor before = layerResult(g, "linear", x, weight);
    Tensor out = g.allocate("gelu", before);
    g.backend().linearGelu(x.value(), weight.value(), bias.value(), before, out);
    return ElementOperations.gelu(
        g, g.custom("linear", before, layerEdges(g, x, weight, bias)), out);
  }

  static Variable linearAdd(
      Graph g, Variable x, Variable weight, Variable bias, Variable residual) {
    Tensor out = layerResult(g, "linearAdd", x, weight);
    g.backend().linearAdd(x.value(), weight.value(), bias.value(), residual.value(), out);
    List<Edge> edges = new ArrayList<>();
    edges.add(new Edge(residual, d -> d));
    edges.addAll(layerEdges(g, x, weight, bias));
    return g.custom("linearAdd", out, edges);
  }

  private static Tensor layerResult(Graph g, String operation, Variable x, Variable weight) {
    return g.allocate(
        operation, x.value().dtype(), Shape.of(x.shape().dim(0), weight.shape().dim(0)));
  }

  private static List<Edge> layerEdges(Graph g, Variable x, Variable weight, Variable bias) {
    Supplier<Tensor> savedX = g.save(x);
    Supplier<Tensor> savedWeight = g.save(weight);
    return List.of(
        new Edge(bias, d -> ElementOperations.reduceTo(g, d, bias.shape())),
        new Edge(x, d -> product(g, d, false, savedWeight.get(), false, 1)),
        new Edge(
            weight,
            d -> {
              // Of the weight's own type: sums over many rows are not rounded to x's.
              Tensor gradient = g.allocate("linear.dWeight", weight.value());
              g.backend().matmul(d, true, savedX.get(), false, 1, 0, gradient);
              return gradient;
            }));
  }

  static Variable transpose(Graph g, Variable x) {
    return g.custom("transpose", transposed(g, x.value()), x, d -> transposed(g, d));
  }

  static Variable reshape(Graph g, Variable x, Shape shape) {
    return g.custom("reshape", x.value().reshape(shape), x, d -> d.reshape(x.shape()));
  }

  private static Tensor product(Graph g, Tensor a, boolean ta, Tensor b, boolean tb, double alpha) {
    Shape shape = Shape.of(a.shape().dim(ta ? 1 : 0), b.shape().dim(tb ? 0 : 1));
    Tensor out = g.allocate("matmul", a.dtype(), shape);
    g.backend().matmul(a, ta, b, tb, alpha, 0, out);
    return out;
  }

  private static Tensor transposed(Graph g, Tensor x) {
    Tensor out = g.allocate("transpose", x.dtype(), Shape.of(x.shape().dim(1), x.shape().dim(0)));
    g.backend().transpose(x, out);
    return out;
  }
}
