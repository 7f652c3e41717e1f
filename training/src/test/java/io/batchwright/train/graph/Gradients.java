package io.batchwright.train.graph;

import io.batchwright.tensor.RowSparse;

/** Reads gradients in tests. */
public final class Gradients {
  private Gradients() {}

  /** The gradient with a value for every element of its parameter; zeros where there is none. */
  public static double[] spreadOut(Parameter parameter) {
    double[] all = new double[(int) parameter.storage().elements()];
    if (parameter.gradient().isEmpty()) {
      return all;
    }
    Gradient gradient = parameter.gradient().get();
    double[] values = gradient.values().toDoubles();
    if (!gradient.isSparse()) {
      return values;
    }
    RowSparse sparse = gradient.rowSparse().orElseThrow();
    int[] rows = sparse.rows().toInts();
    for (int u = 0; u < rows.length; u++) {
      System.arraycopy(values, u * sparse.width(), all, rows[u] * sparse.width(), sparse.width());
    }
    return all;
  }
}
