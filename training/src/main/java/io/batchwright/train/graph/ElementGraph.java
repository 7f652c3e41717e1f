package io.batchwright.train.graph;

import io.batchwright.tensor.DType;

/**
 * Element-wise operations of a {@link Graph}.
 *
 * <p>In binary operations {@code b} has the shape of {@code a}, or is a row [C] or [1, C] against
 * {@code a} [..., C], or a column [..., 1], or a single element.
 */
public sealed interface ElementGraph permits Graph {
  /** The graph itself. */
  Graph graph();

  /** {@code a + b}. */
  default Variable add(Variable a, Variable b) {
    return ElementOperations.add(graph(), a, b);
  }

  /** {@code a - b}. */
  default Variable sub(Variable a, Variable b) {
    return ElementOperations.sub(graph(), a, b);
  }

  /** {@code a * b}, element by element. */
  default Variable mul(Variable a, Variable b) {
    return ElementOperations.mul(graph(), a, b);
  }

  /** {@code a / b}, element by element. */
  default Variable div(Variable a, Variable b) {
    return ElementOperations.div(graph(), a, b);
  }

  /** The same numbers in another type; rounded to the nearest where it holds less. */
  default Variable cast(Variable x, DType dtype) {
    return ElementOperations.cast(graph(), x, dtype);
  }

  /** {@code factor * x}. */
  default Variable scale(Variable x, double factor) {
    return ElementOperations.scale(graph(), x, factor);
  }

  /** {@code x + addend}. */
  default Variable shift(Variable x, double addend) {
    return ElementOperations.shift(graph(), x, addend);
  }

  default Variable exp(Variable x) {
    return ElementOperations.exp(graph(), x);
  }

  /** The natural logarithm. */
  default Variable log(Variable x) {
    return ElementOperations.log(graph(), x);
  }

  default Variable sqrt(Variable x) {
    return ElementOperations.sqrt(graph(), x);
  }

  default Variable tanh(Variable x) {
    return ElementOperations.tanh(graph(), x);
  }

  /** {@code max(x, 0)}, with gradient 0 at 0. */
  default Variable relu(Variable x) {
    return ElementOperations.relu(graph(), x);
  }

  /** {@code x * (1 + erf(x / sqrt 2)) / 2}. */
  default Variable gelu(Variable x) {
    return ElementOperations.gelu(graph(), x);
  }
}
