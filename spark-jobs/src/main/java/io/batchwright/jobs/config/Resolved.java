package io.batchwright.jobs.config;

import java.util.List;

/**
 * A recipe as read.
 *
 * @param config the record tree
 * @param values each value with its origin, in the order of the record's components
 * @param warnings settings that have no effect
 * @param <T> the recipe record
 */
public record Resolved<T>(T config, List<ResolvedValue> values, List<String> warnings) {
  public Resolved {
    values = List.copyOf(values);
    warnings = List.copyOf(warnings);
  }
}
