package io.batchwright.train.graph;

import io.batchwright.kernel.Addend;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A sum of rows that waits for its use: a norm adds up and normalizes in one pass over memory,
 * {@link #variable()} adds up alone, with the same bits but for three terms in bf16: the pass
 * rounds their sum once, additions alone round it twice.
 *
 * <pre>
 * RowSum sum = new RowSum(graph).plus(x).plus(change); // [B, D]
 * Variable normal = norm.apply(graph, sum);
 * Variable next = sum.variable(); // has been computed with normal
 * </pre>
 */
public final class RowSum {
  private static final int LEAST_OF_A_PASS = 2;
  private static final int MOST_OF_A_PASS = 3;

  private final Graph graph;
  private final List<Term> terms = new ArrayList<>();
  private Optional<Variable> sum = Optional.empty();

  /**
   * A term.
   *
   * @param variable its value, unless it is rows of a table
   * @param gradient takes that of the sum; unused where none is needed
   */
  private record Term(
      Addend addend,
      Optional<Variable> variable,
      boolean needsGradient,
      Consumer<Tensor> gradient) {}

  /** A sum without terms; the first must be [B, D]. */
  public RowSum(Graph graph) {
    this.graph = graph;
  }

  /** Adds a variable: [B, D], or [1, D] to each row. */
  public RowSum plus(Variable x) {
    return plus(
        new Term(
            Addend.of(x.value()),
            Optional.of(x),
            x.needsGradient(),
            d -> x.accumulate(ElementOperations.reduceTo(graph, d, x.shape()), graph)));
  }

  /**
   * Adds a row of a table for each token, as {@link SequenceGraph#embedding} gives them.
   *
   * @param table [V, D]
   * @param tokens [B] row numbers (I32)
   */
  public RowSum plusRows(Parameter table, Tensor tokens) {
    if (table.isReparametrized()) {
      return plus(graph.embedding(table, tokens));
    }
    Addend rows = new Addend(table.valueForRows(tokens), tokens);
    if (!table.frozen()) {
      graph.parameterGradients().readsRows(table);
    }
    return plus(
        new Term(
            rows,
            Optional.empty(),
            !table.frozen(),
            d -> SequenceOperations.addToRows(graph, table, tokens, d)));
  }

  private RowSum plus(Term term) {
    if (sum.isPresent()) {
      throw new IllegalStateException("the sum has been computed, nothing can be added to it");
    }
    terms.add(term);
    return this;
  }

  /**
   * The sum.
   *
   * @return [B, D]
   */
  public Variable variable() {
    if (sum.isEmpty()) {
      Term first = terms.get(0);
      sum =
          terms.size() == 1 && first.variable().isPresent()
              ? first.variable()
              : Optional.of(record(addedUp()));
    }
    return sum.get();
  }

  /** Whether it can still be computed in the pass of a norm. */
  boolean joinsAPass() {
    return sum.isEmpty() && terms.size() >= LEAST_OF_A_PASS && terms.size() <= MOST_OF_A_PASS;
  }

  List<Addend> addends() {
    return terms.stream().map(Term::addend).toList();
  }

  /** Room for the sum; contents undefined. */
  Tensor allocate() {
    return room(terms.get(0));
  }

  /** The sum has been computed, elsewhere. */
  Variable computed(Tensor value) {
    Variable variable = record(value);
    sum = Optional.of(variable);
    return variable;
  }

  private Variable record(Tensor value) {
    List<Term> trained = terms.stream().filter(Term::needsGradient).toList();
    return trained.isEmpty()
        ? graph.constant(value)
        : graph.sink("sum of rows", value, d -> trained.forEach(term -> term.gradient().accept(d)));
  }

  private Tensor addedUp() {
    Tensor value = valueOf(terms.get(0));
    for (Term term : terms.subList(1, terms.size())) {
      Tensor next = allocate();
      graph.backend().add(value, valueOf(term), next);
      value = next;
    }
    return value;
  }

  private Tensor valueOf(Term term) {
    Addend addend = term.addend();
    if (addend.rows() == null) {
      return addend.values();
    }
    Tensor value = room(term);
    graph.backend().gatherRows(addend.values(), addend.rows(), value);
    return value;
  }

  private Tensor room(Term term) {
    Tensor values = term.addend().values();
    Tensor rows = term.addend().rows();
    Shape shape = rows == null ? values.shape() : values.shape().with(0, rows.shape().dim(0));
    return graph.allocate("sum of rows", values.dtype(), shape);
  }
}
