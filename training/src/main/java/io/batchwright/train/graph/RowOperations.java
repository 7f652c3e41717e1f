package io.batchwright.train.graph;

import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Operations on whole rows and their backward functions. */
final class RowOperations {
  private RowOperations() {}

  static Variable embeddingBagMean(Graph g, Parameter table, Tensor tokens, Tensor cuSeqlens) {
    if (table.isReparametrized()) {
      Variable rows = gather(g, g.parameter(table), tokens);
      return SequenceOperations.segmentMean(g, rows, cuSeqlens);
    }
    Tensor weight = table.valueForRows(tokens);
    int bags = cuSeqlens.shape().dim(0) - 1;
    Tensor out =
        g.allocate("embeddingBagMean", weight.dtype(), Shape.of(bags, weight.shape().dim(1)));
    g.backend().embeddingBagMean(weight, tokens, cuSeqlens, out);
    if (table.frozen()) {
      return g.constant(out);
    }
    g.parameterGradients().readsRows(table);
    return g.sink(
        "embeddingBagMean",
        out,
        d ->
            g.parameterGradients()
                .add(table, new ParameterGradients.Bags(d, tokens, cuSeqlens), g));
  }

  static Variable gather(Graph g, Variable x, Tensor rows) {
    Shape shape = x.shape().with(0, rows.shape().dim(0));
    Tensor out = g.allocate("gatherRows", x.value().dtype(), shape);
    g.backend().gatherRows(x.value(), rows, out);
    return g.custom(
        "gatherRows",
        out,
        x,
        d -> {
          Tensor gradient = zeros(g, x);
          g.backend().scatterAddRows(d, rows, 1, gradient);
          return gradient;
        });
  }

  static Variable slice(Graph g, Variable x, int from, int to) {
    return g.custom(
        "sliceRows",
        x.value().rows(from, to),
        x,
        d -> {
          Tensor gradient = zeros(g, x);
          g.backend().copy(d, gradient.rows(from, to));
          return gradient;
        });
  }

  static Variable concat(Graph g, List<Variable> parts) {
    List<Edge> edges = new ArrayList<>();
    int rows = 0;
    for (Variable part : parts) {
      int from = rows;
      int to = from + part.shape().dim(0);
      edges.add(new Edge(part, d -> d.rows(from, to)));
      rows = to;
    }
    Tensor first = parts.get(0).value();
    Tensor out = g.allocate("concatRows", first.dtype(), first.shape().with(0, rows));
    g.backend().concatRows(parts.stream().map(Variable::value).toList(), out);
    return g.custom("concatRows", out, edges);
  }

  static Variable pick(Graph g, Variable x, Tensor columns) {
    Tensor out = g.allocate("pick", x.value().dtype(), Shape.of(x.shape().dim(0)));
    g.backend().selectColumns(x.value(), columns, out);
    return g.custom(
        "pick",
        out,
        x,
        d -> {
          Tensor gradient = zeros(g, x);
          g.backend().addToColumns(d, columns, gradient);
          return gradient;
        });
  }

  private static Tensor zeros(Graph g, Variable like) {
    Tensor zeros = g.allocate("zeros", like.value());
    g.backend().fill(zeros, 0);
    return zeros;
  }
}
