package io.batchwright.jobs.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.technique.Techniques;
import java.util.ArrayList;
import java.util.List;

/** Where each resolved value came from, in the order of binding. */
final class Origins {
  static final String PAPER = "PAPER";
  static final String DEFAULTS = "DEFAULTS";

  private final List<ResolvedValue> values = new ArrayList<>();

  List<ResolvedValue> values() {
    return values;
  }

  /** The constant that {@code base}'s values come from. */
  static String ofDefault(Object base) {
    return base != null
            && Families.isMember(base.getClass())
            && Techniques.defaults(base.getClass()).filter(base::equals).isPresent()
        ? PAPER
        : DEFAULTS;
  }

  void add(String key, Object value, String origin) {
    values.add(new ResolvedValue(key, text(RecipeTree.value(value)), origin));
  }

  /** Adds {@code value} leaf by leaf. */
  void addTree(String key, Object value, String origin) {
    if (value instanceof Record recipe && Families.isMember(recipe.getClass())) {
      addLeaves(key, RecipeTree.toJson(recipe), ofDefault(recipe));
    } else {
      addLeaves(key, RecipeTree.value(value), origin);
    }
  }

  private void addLeaves(String key, JsonNode json, String origin) {
    if (json instanceof ObjectNode object && !object.isEmpty()) {
      object.properties().forEach(e -> addLeaves(key + "." + e.getKey(), e.getValue(), origin));
    } else if (json instanceof ArrayNode array && !array.isEmpty()) {
      for (int i = 0; i < array.size(); i++) {
        addLeaves(key + "[" + i + "]", array.get(i), origin);
      }
    } else {
      values.add(new ResolvedValue(key, text(json), origin));
    }
  }

  private static String text(JsonNode json) {
    return json.isTextual() ? json.asText() : json.toString();
  }
}
