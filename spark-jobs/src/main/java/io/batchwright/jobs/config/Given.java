package io.batchwright.jobs.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A value as the user gave it: a scalar's text, a list or a mapping, with the place it came from.
 *
 * @param origin such as {@code conf/x.yaml:12} or {@code --set}
 * @param line the line in the recipe, 0 for values from elsewhere
 * @param text a scalar's text; null for lists, mappings and YAML's null
 * @param items a list's items, else null
 * @param fields a mapping's values by key, else null
 */
record Given(String origin, int line, String text, List<Given> items, Map<String, Given> fields) {

  static Given scalar(String origin, int line, String text) {
    return new Given(origin, line, text, null, null);
  }

  static Given list(String origin, int line) {
    return new Given(origin, line, null, new ArrayList<>(), null);
  }

  static Given mapping(String origin, int line) {
    return new Given(origin, line, null, null, new LinkedHashMap<>());
  }

  boolean isScalar() {
    return text != null;
  }

  boolean isList() {
    return items != null;
  }

  boolean isMapping() {
    return fields != null;
  }

  boolean isNull() {
    return text == null && items == null && fields == null;
  }

  /** What a message calls a value of the wrong kind. */
  String describe() {
    return isScalar() ? text : isList() ? "a list" : isMapping() ? "a section" : "nothing";
  }
}
