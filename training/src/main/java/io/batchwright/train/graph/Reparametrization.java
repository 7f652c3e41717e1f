package io.batchwright.train.graph;

/**
 * What a layer uses in place of a parameter: a function of it, computed once in each graph. The
 * optimizer and checkpoints see the parameter, the gradient flows through the function to it and to
 * whatever other parameters the function reads (as in a weight that is a frozen one plus a product
 * of two thin ones, or a standardised one).
 */
@FunctionalInterface
public interface Reparametrization {
  /** The parameter itself. */
  Reparametrization NONE = (graph, parameter) -> parameter;

  /**
   * The variable that takes the parameter's place.
   *
   * @param graph records the operations
   * @param parameter its value as it is stored
   * @return of the parameter's shape
   */
  Variable apply(Graph graph, Variable parameter);
}
