package io.batchwright.train.graph;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Collects what a backward pass finds for each parameter, in the order of their first use. */
final class ParameterGradients {
  private final Graph graph;
  // Parameter has identity equality; insertion order makes the sums the same in every run.
  private final Map<Parameter, Parts> parts = new LinkedHashMap<>();

  private static final class Parts {
    Optional<Variable> leaf = Optional.empty();
    final List<RowSparse> rows = new ArrayList<>();
  }

  ParameterGradients(Graph graph) {
    this.graph = graph;
  }

  /** Where the gradients live. */
  Arena arena() {
    return graph.arena();
  }

  void dense(Parameter parameter, Variable leaf) {
    of(parameter).leaf = Optional.of(leaf);
  }

  void sparse(Parameter parameter, RowSparse rows) {
    of(parameter).rows.add(rows);
  }

  void publish() {
    parts.forEach(this::publish);
  }

  private void publish(Parameter parameter, Parts found) {
    Optional<Tensor> dense = found.leaf.flatMap(Variable::gradient);
    List<RowSparse> rows = new ArrayList<>();
    Optional<Gradient> before = parameter.gradient();
    before.flatMap(Gradient::rowSparse).ifPresent(rows::add);
    rows.addAll(found.rows);
    Optional<Tensor> denseBefore = before.filter(g -> !g.isSparse()).map(Gradient::values);
    if (dense.isEmpty() && found.rows.isEmpty()) {
      return;
    }
    if (dense.isEmpty() && denseBefore.isEmpty()) {
      parameter.gradient(Gradient.sparse(sumOf(parameter, rows)));
      return;
    }
    // A tensor of its own: what variables hold may be shared, and clipping writes in place.
    Tensor sum = graph.copyOf(parameter.name() + ".gradient", dense.or(() -> denseBefore).get());
    if (dense.isPresent()) {
      denseBefore.ifPresent(tensor -> graph.backend().axpy(1, tensor, sum));
    }
    rows.forEach(r -> graph.backend().scatterAddRows(r.values(), r.rows(), 1, sum));
    parameter.gradient(Gradient.dense(sum));
  }

  private RowSparse sumOf(Parameter parameter, List<RowSparse> rows) {
    return rows.size() == 1
        ? rows.get(0)
        : graph.backend().sumRows(rows, parameter.storage().shape().dim(0), graph.arena());
  }

  private Parts of(Parameter parameter) {
    return parts.computeIfAbsent(parameter, p -> new Parts());
  }
}
