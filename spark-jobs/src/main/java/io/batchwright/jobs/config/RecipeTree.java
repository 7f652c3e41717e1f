package io.batchwright.jobs.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A record tree as the recipe that would make it: canonical, every value written out. */
public final class RecipeTree {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RecipeTree() {}

  /** The recipe as JSON: keys in the order of the records' components, families with their name. */
  public static ObjectNode toJson(Record recipe) {
    ObjectNode json = JSON.createObjectNode();
    if (Families.isMember(recipe.getClass())) {
      json.put("name", Families.nameOf(recipe.getClass()));
    }
    for (RecordComponent component : recipe.getClass().getRecordComponents()) {
      json.set(component.getName(), value(Components.read(recipe, component)));
    }
    return json;
  }

  /** The recipe as YAML, which reads back to an equal record. */
  public static String toYaml(Record recipe) {
    return YamlText.of(toJson(recipe));
  }

  static JsonNode value(Object value) {
    if (value instanceof Optional<?> optional) {
      return optional.isEmpty() ? JSON.nullNode() : value(optional.get());
    }
    if (value instanceof Record recipe) {
      return toJson(recipe);
    }
    if (value instanceof List<?> items) {
      ArrayNode array = JSON.createArrayNode();
      items.forEach(item -> array.add(value(item)));
      return array;
    }
    if (value instanceof Map<?, ?> map) {
      ObjectNode object = JSON.createObjectNode();
      new TreeMap<>(map).forEach((key, item) -> object.put(key.toString(), item.toString()));
      return object;
    }
    if (value instanceof Duration duration) {
      return JSON.getNodeFactory().textNode(Units.text(duration));
    }
    if (value instanceof Enum<?> constant) {
      return JSON.getNodeFactory().textNode(Components.text(constant));
    }
    return JSON.valueToTree(value);
  }
}
