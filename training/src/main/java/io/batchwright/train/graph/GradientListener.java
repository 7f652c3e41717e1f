package io.batchwright.train.graph;

/** Hears, in the course of a backward pass, of gradients that are complete. */
@FunctionalInterface
public interface GradientListener {
  /** Nobody listens. */
  GradientListener NONE = parameter -> {};

  /**
   * {@link Parameter#gradient} is what this graph found, added to what was there before; empty
   * where nothing reached the parameter. Called once for each parameter that the graph has read, in
   * the reverse order of first use, on the thread that computes.
   */
  void complete(Parameter parameter);
}
