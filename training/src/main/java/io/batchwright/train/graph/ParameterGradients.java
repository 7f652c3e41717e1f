package io.batchwright.train.graph;

import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

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
    final List<Bags> bags = new ArrayList<>();

    Parts(Parameter parameter, int firstUse) {
      this.parameter = parameter;
      this.firstUse = firstUse;
    }
  }

  /**
   * What {@link RowGraph#embeddingBagMean} adds to its table.
   *
   * @param dOut [B, D]
   * @param tokens I32 [T]
   * @param cuSeqlens I32 [B + 1]
   */
  record Bags(Tensor dOut, Tensor tokens, Tensor cuSeqlens) {
    /** In memory that lasts longer; the host keeps knowing the integers that it writes. */
    Bags copy(Graph graph) {
      return new Bags(
          graph.copyOf(dOut.label(), dOut),
          graph.arena().ints(tokens.label(), tokens.toInts()),
          graph.arena().ints(cuSeqlens.label(), cuSeqlens.toInts()));
    }

    /** One after the other. */
    static Bags concat(List<Bags> parts, Graph graph) {
      Tensor first = parts.get(0).dOut;
      int count = parts.stream().mapToInt(part -> part.dOut.shape().dim(0)).sum();
      Tensor joined =
          graph.allocate("gradients of bags", first.dtype(), first.shape().with(0, count));
      graph.backend().concatRows(parts.stream().map(Bags::dOut).toList(), joined);
      IntStream.Builder tokens = IntStream.builder();
      IntStream.Builder offsets = IntStream.builder();
      offsets.add(0);
      int before = 0;
      for (Bags part : parts) {
        for (int token : part.tokens.toInts()) {
          tokens.add(token);
        }
        int[] own = part.cuSeqlens.toInts();
        for (int b = 1; b < own.length; b++) {
          offsets.add(before + own[b]);
        }
        before += own[own.length - 1];
      }
      return new Bags(
          joined,
          graph.arena().ints("tokens of bags", tokens.build().toArray()),
          graph.arena().ints("offsets of bags", offsets.build().toArray()));
    }
  }

  ParameterGradients(Graph graph) {
    this.graph = graph;
  }

  /** The operation recorded next reads all of it. */
  void readsWhole(Parameter parameter, Variable leaf) {
    of(parameter).leaf = Optional.of(leaf);
  }

  /** The operation recorded next reads rows of it. */
  void readsRows(Parameter parameter) {
    of(parameter);
  }

  /**
   * Adds to the gradient of a parameter of which rows were read.
   *
   * @param rows in any order, also more than once; summed at once, since there may be more of them
   *     than memory holds of a graph whose layers are computed twice
   */
  void add(Parameter parameter, RowSparse rows) {
    known.get(parameter).rows.add(sumOf(parameter, List.of(rows)));
  }

  /**
   * As {@link #add(Parameter, RowSparse)}, for the means of bags of rows. Those of a parameter are
   * summed in one pass, in the order in which they came.
   *
   * @param from whose memory they are in
   */
  void add(Parameter parameter, Bags bags, Graph from) {
    known.get(parameter).bags.add(from == graph ? bags : bags.copy(graph));
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
    Optional<Gradient> before = parameter.gradient();
    List<RowSparse> rows = new ArrayList<>();
    before.flatMap(Gradient::rowSparse).ifPresent(rows::add);
    rows.addAll(found.rows);
    if (!found.bags.isEmpty()) {
      Bags bags = found.bags.size() == 1 ? found.bags.get(0) : Bags.concat(found.bags, graph);
      rows.add(sumOf(parameter, bags));
    }
    Optional<Tensor> denseBefore = before.filter(g -> !g.isSparse()).map(Gradient::values);
    if (dense.isEmpty() && found.rows.isEmpty() && found.bags.isEmpty()) {
      return;
    }
    if (dense.isEmpty() && denseBefore.isEmpty()) {
      parameter.gradient(Gradient.sparse(rows.size() == 1 ? rows.get(0) : sumOf(parameter, rows)));
      return;
    }
    // A tensor of its own: what variables borrow is shared, and sums over ranks are made in place.
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
    return graph.backend().sumRows(rows, parameter.storage().shape().dim(0), graph.arena());
  }

  private RowSparse sumOf(Parameter parameter, Bags bags) {
    int tableRows = parameter.storage().shape().dim(0);
    return graph
        .backend()
        .embeddingBagMeanBackward(bags.dOut, bags.tokens, bags.cuSeqlens, tableRows, graph.arena());
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
