package io.batchwright.technique;

import java.util.Map;

/**
 * A recipe record of which some values have no effect under some others, or are legal and seldom
 * meant; a user who sets such a value is warned.
 */
public interface ConditionalSettings {
  /** Components that have no effect in this record, with the reason. */
  Map<String, String> withoutEffect();

  /** Components whose value is legal and seldom meant, with the reason. */
  default Map<String, String> doubtful() {
    return Map.of();
  }
}
