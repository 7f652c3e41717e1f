package io.batchwright.train.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RowSparse;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;

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

  /**
   * Holds gradients to whole golden ones, element by element: within 1e-10 of the greatest element
   * of a gradient in float64, 3e-5 in float32.
   *
   * @param golden by the parameter's name its gradient, row after row
   */
  public static void assertEqual(List<Parameter> parameters, JsonNode golden) {
    assertThat(golden.size()).isPositive();
    golden
        .properties()
        .forEach(
            entry -> {
              Parameter parameter =
                  parameters.stream()
                      .filter(p -> p.name().equals(entry.getKey()))
                      .findAny()
                      .orElseThrow();
              double[] expected =
                  StreamSupport.stream(entry.getValue().spliterator(), false)
                      .mapToDouble(JsonNode::asDouble)
                      .toArray();
              double tolerance = parameter.storage().dtype() == DType.F64 ? 1e-10 : 3e-5;
              double greatest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
              assertThat(spreadOut(parameter))
                  .as("gradient of %s, at most %s", parameter.name(), greatest)
                  .containsExactly(expected, within(tolerance * greatest));
            });
  }
}
