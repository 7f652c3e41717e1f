package io.batchwright.train.graph;

import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** Matrix products, changes of layout, and their backward functions. */
final class MatrixOperations {
  private MatrixOperations() {}

  static Variable matmul(Graph g, Variable a, boolean ta, Variable b, boolean tb, double alpha) {
    Supplier<Tensor> savedA = g.save(a);
    Supplier<Tensor> savedB = g.save(b);
    Tensor out =
        g.allocate(
            "matmul",
            a.value().dtype(),
            Shape.of(a.shape().dim(ta ? 1 : 0), b.shape().dim(tb ? 0 : 1)));
    g.backend().matmul(a.value(), ta, b.value(), tb, alpha, 0, out);
    return g.custom(
        "matmul",
        out,
        List.of(
            new Edge(
                a,
                new Product(
                    g,
                    a.value(),
                    alpha,
                    d ->
                        ta
                            ? new Factors(savedB.get(), tb, d, true)
                            : new Factors(d, false, savedB.get(), !tb))),
            new Edge(
                b,
                new Product(
                    g,
                    b.value(),
                    alpha,
                    d ->
                        tb
                            ? new Factors(d, true, savedA.get(), ta)
                            : new Factors(savedA.get(), !ta, d, false)))));
  }

  /** Two factors, each transposed if its flag says so. */
  private record Factors(
      Tensor left, boolean transposeLeft, Tensor right, boolean transposeRight) {}

  /**
   * A gradient that is {@code alpha} times a product: a tensor of its own, or added in the same
   * pass to one that is there.
   *
   * @param like what it is the gradient of; a weight's is of its own type, so that sums over many
   *     rows are not rounded to theirs
   * @param factors of the gradient of the output
   */
  private record Product(Graph g, Tensor like, double alpha, Function<Tensor, Factors> factors)
      implements Pullback {
    @Override
    public Tensor apply(Tensor outputGradient) {
      Tensor out = g.allocate("product.gradient", like);
      multiply(outputGradient, 0, out);
      return out;
    }

    @Override
    public boolean makesItsResult() {
      return true;
    }

    @Override
    public boolean addTo(Tensor outputGradient, Tensor sum) {
      multiply(outputGradient, 1, sum);
      return true;
    }

    private void multiply(Tensor outputGradient, double beta, Tensor out) {
      Factors of = factors.apply(outputGradient);
      g.backend().matmul(of.left, of.transposeLeft, of.right, of.transposeRight, alpha, beta, out);
    }
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
        new Edge(bias, Pullback.making(d -> ElementOperations.reduceTo(g, d, bias.shape()))),
        new Edge(
            x, new Product(g, x.value(), 1, d -> new Factors(d, false, savedWeight.get(), false))),
        new Edge(
            weight,
            new Product(g, weight.value(), 1, d -> new Factors(d, true, savedX.get(), false))));
  }

  static Variable transpose(Graph g, Variable x) {
    return g.custom("transpose", transposed(g, x.value()), x, d -> transposed(g, d));
  }

  static Variable reshape(Graph g, Variable x, Shape shape) {
    return g.custom("reshape", x.value().reshape(shape), x, d -> d.reshape(x.shape()));
  }

  private static Tensor transposed(Graph g, Tensor x) {
    Tensor out = g.allocate("transpose", x.dtype(), Shape.of(x.shape().dim(1), x.shape().dim(0)));
    g.backend().transpose(x, out);
    return out;
  }
}
