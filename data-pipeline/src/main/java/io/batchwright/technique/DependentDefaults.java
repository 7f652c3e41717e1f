package io.batchwright.technique;

import java.util.Map;
import java.util.Optional;

/** A recipe record in which the default of some values follows from others. */
public interface DependentDefaults {
  /**
   * What a component is where a recipe leaves it out, or of what it leaves out a part.
   *
   * @param component its name
   * @param before the values of the components that stand before it in the record, by name
   * @return empty where the default is that of the record
   */
  Optional<Object> defaultOf(String component, Map<String, Object> before);
}
