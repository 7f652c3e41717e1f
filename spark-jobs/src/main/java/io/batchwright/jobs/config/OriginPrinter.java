package io.batchwright.jobs.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.HashMap;
import java.util.Map;

/** Prints a resolved recipe as YAML with the origin of each value behind it. */
public final class OriginPrinter {
  private static final int ORIGIN_COLUMN = 48;

  private final Map<String, String> origins = new HashMap<>();
  private final StringBuilder out = new StringBuilder();

  private OriginPrinter(Resolved<?> resolved) {
    resolved.values().forEach(value -> origins.put(value.key(), value.origin()));
  }

  /** The recipe, which reads back to the same record; values that look secret are hidden. */
  public static String print(Resolved<? extends Record> resolved) {
    OriginPrinter printer = new OriginPrinter(resolved);
    printer.section(Secrets.hide(RecipeTree.toJson(resolved.config())), "", "");
    return printer.out.toString();
  }

  private void section(ObjectNode section, String indent, String key) {
    boolean first = true;
    for (Map.Entry<String, JsonNode> entry : section.properties()) {
      String path = key.isEmpty() ? entry.getKey() : key + "." + entry.getKey();
      String lead = indent.endsWith("- ") && !first ? indent.replace('-', ' ') : indent;
      first = false;
      value(lead + entry.getKey() + ":", entry.getValue(), lead.replace('-', ' ') + "  ", path);
    }
  }

  private void value(String lead, JsonNode value, String indent, String path) {
    if (value instanceof ObjectNode object && !object.isEmpty()) {
      out.append(lead).append('\n');
      section(object, indent, path);
    } else if (value instanceof ArrayNode array && !array.isEmpty()) {
      out.append(lead).append('\n');
      for (int i = 0; i < array.size(); i++) {
        JsonNode item = array.get(i);
        String itemPath = path + "[" + i + "]";
        if (item instanceof ObjectNode object && !object.isEmpty()) {
          section(object, indent + "- ", itemPath);
        } else {
          leaf(indent + "- " + scalar(item), itemPath);
        }
      }
    } else {
      leaf(lead + " " + scalar(value), path);
    }
  }

  private void leaf(String text, String path) {
    String origin = origins.get(path);
    out.append(origin == null ? text : ("%-" + ORIGIN_COLUMN + "s # %s").formatted(text, origin));
    out.append('\n');
  }

  private static String scalar(JsonNode value) {
    if (value instanceof TextNode text) {
      boolean plain = text.asText().matches("[A-Za-z_/.][A-Za-z0-9_/. -]*[A-Za-z0-9]|[A-Za-z]");
      boolean word = text.asText().matches("(?i)null|true|false|yes|no|on|off|y|n");
      return plain && !word ? text.asText() : text.toString();
    }
    return value.toString();
  }
}
