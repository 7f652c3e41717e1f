package io.batchwright.train.graph;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Collects what a backward pass finds for each parameter.
 *
 * <p>Operations are visited in reverse, so a parameter's gradient is complete as soon as the first
 * operation that could use it has been: the one recorded next after the parameter was first asked
 * for. Those are known by their number on the tape.
 */
final class ParameterGradients {
  private final Graph graph;
  private final Map<Parameter, Parts> known = new IdentityHashMap<>();
  private final List<Parts> parts = new ArrayList<>(); // in the order of first use
  private int incomplete;

  private static final class Parts {
    final Parameter parameter;
    final int firstUse;
    Optional<Variable> leaf = Optional.empty();
    final List<RowSparse> rows = new ArrayList<>();

    Parts(Parameter parameter, int firstUse) {
      this.parameter = parameter;
      this.firstUse = firstUse;
    }
  }

  ParameterGradients(Graph graph) {
    this.graph = graph;
  }

  /** Where the gradients live. */
  Arena arena() {
    return graph.arena();
  }

  /** The operation recorded next reads all of it. */
  void readsWhole(Parameter parameter, Variable leaf) {
    of(parameter).leaf = Optional.of(leaf);
  }

  /** The operation recorded next reads rows of it. */
  void readsRows(Parameter parameter) {
    of(parameter);
  }

  /** Adds to the gradient of a parameter of which rows were read. */
  void add(Parameter parameter, RowSparse rows) {
    known.get(parameter).rows.add(rows);
  }

  /** The parameters that are read as a whole, in the order of their first use. */
  List<Parameter> readWhole() {
    return parts.stream().filter(p -> p.leaf.isPresent()).map(p -> p.parameter).toList();
  }

  /** Gives those their gradients that no operation before {@code operation} reads. */
  void complete(int operation, GradientListener listener) {
    while (incomplete > 0 && parts.get(incomplete - 1).firstUse >= operation) {
      Parts found = parts.get(--incomplete);
      publish(found.parameter, found);
      listener.complete(found.parameter);
    }
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
    // A tensor of its own: what variables borrow is shared, and clipping writes in place.
    Tensor sum =
        found
            .leaf
            .flatMap(Variable::ownGradient)
            .orElseGet(
                () ->
                    graph.copyOf(
                        parameter.name() + ".gradient", dense.or(() -> denseBefore).get()));
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
    return known.computeIfAbsent(
        parameter,
        p -> {
          Parts first = new Parts(p, graph.recorded());
          parts.add(first);
          incomplete = parts.size();
          return first;
        });
  }
}
