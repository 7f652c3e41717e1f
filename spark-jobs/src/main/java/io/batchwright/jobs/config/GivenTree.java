package io.batchwright.jobs.config;

import java.io.StringReader;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Parses YAML into {@link Given} values and lays settings over them.
 *
 * <p>SnakeYAML only composes nodes here: no object of any type is constructed from a recipe.
 */
final class GivenTree {
  private final Problems problems;

  GivenTree(Problems problems) {
    this.problems = problems;
  }

  /** The recipe's top level; an empty mapping where it cannot be parsed. */
  Given parse(Recipe recipe) {
    Given parsed = parse(recipe.name(), recipe.text(), true);
    if (parsed.isNull()) {
      return Given.mapping(recipe.name(), 0);
    }
    if (!parsed.isMapping()) {
      problems.add(parsed.origin(), parsed.line(), "a recipe is a list of `key: value` lines");
      return Given.mapping(recipe.name(), 0);
    }
    return parsed;
  }

  /** Lays one setting over {@code root}; a list's item is {@code key.0} or {@code key[0]}. */
  void overlay(Given root, Setting setting) {
    String[] keys = setting.key().replaceAll("\\[([0-9]+)]", ".$1").split("\\.");
    Given parent = root;
    for (int i = 0; i < keys.length - 1; i++) {
      parent = descend(parent, keys[i], setting);
      if (parent == null) {
        return;
      }
    }
    put(parent, keys[keys.length - 1], parse(setting.origin(), setting.value(), false), setting);
  }

  private Given descend(Given parent, String key, Setting setting) {
    if (parent.isList() && item(parent, key, setting) == null) {
      return null;
    }
    Given child = parent.isList() ? item(parent, key, setting) : parent.fields().get(key);
    if (child == null || child.isNull()) {
      child = Given.mapping(setting.origin(), 0);
      put(parent, key, child, setting);
    } else if (child.isScalar()) {
      // `optimizer: AdamW` is short for `optimizer: {name: AdamW}`.
      Given section = Given.mapping(child.origin(), child.line());
      section.fields().put("name", child);
      put(parent, key, section, setting);
      child = section;
    }
    return child;
  }

  private void put(Given parent, String key, Given value, Setting setting) {
    if (parent.isList()) {
      if (item(parent, key, setting) != null) {
        parent.items().set(Integer.parseInt(key), value);
      }
    } else {
      parent.fields().put(key, value);
    }
  }

  private Given item(Given list, String key, Setting setting) {
    if (key.matches("[0-9]{1,6}") && Integer.parseInt(key) < list.items().size()) {
      return list.items().get(Integer.parseInt(key));
    }
    problems.add(
        setting.origin(),
        0,
        "%s: %s is not one of the list's positions 0 to %d"
            .formatted(setting.key(), key, list.items().size() - 1));
    return null;
  }

  private Given parse(String origin, String text, boolean numbered) {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(4 << 20);
    try {
      Node node = new Yaml(new SafeConstructor(options)).compose(new StringReader(text));
      return node == null
          ? new Given(origin, 0, null, null, null)
          : given(origin, node, "", numbered);
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark();
      int line = mark == null ? 0 : mark.getLine() + 1;
      problems.add(
          numbered ? origin + ":" + line : origin,
          line,
          "not readable as YAML: %s%s"
              .formatted(e.getProblem(), mark == null ? "" : "\n" + mark.get_snippet(4, 90)));
    } catch (YAMLException e) {
      problems.add(origin, 0, "not readable as YAML: " + e.getMessage());
    }
    return new Given(origin, 0, null, null, null);
  }

  private Given given(String name, Node node, String key, boolean numbered) {
    int line = numbered ? node.getStartMark().getLine() + 1 : 0;
    String origin = numbered ? name + ":" + line : name;
    if (node.getAnchor() != null) {
      problems.add(origin, line, key + ": anchors and aliases are not part of recipes");
      return new Given(origin, line, null, null, null);
    }
    if (node instanceof SequenceNode sequence) {
      Given list = Given.list(origin, line);
      for (Node item : sequence.getValue()) {
        list.items().add(given(name, item, key, numbered));
      }
      return list;
    }
    if (node instanceof MappingNode mapping) {
      Given section = Given.mapping(origin, line);
      mapping.getValue().forEach(tuple -> field(section.fields(), name, tuple, key, numbered));
      return section;
    }
    ScalarNode scalar = (ScalarNode) node;
    return Tag.NULL.equals(scalar.getTag()) && scalar.getScalarStyle().getChar() == null
        ? new Given(origin, line, null, null, null)
        : Given.scalar(origin, line, scalar.getValue());
  }

  private void field(
      Map<String, Given> fields, String name, NodeTuple tuple, String above, boolean numbered) {
    int line = numbered ? tuple.getKeyNode().getStartMark().getLine() + 1 : 0;
    String origin = numbered ? name + ":" + line : name;
    if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
      problems.add(origin, line, "a key must be a single word");
      return;
    }
    String key = above.isEmpty() ? keyNode.getValue() : above + "." + keyNode.getValue();
    Given value = given(name, tuple.getValueNode(), key, numbered);
    // A section's place is the line of its key, not of its first entry.
    Given placed = new Given(origin, line, value.text(), value.items(), value.fields());
    Given earlier = fields.putIfAbsent(keyNode.getValue(), placed);
    if (earlier != null) {
      problems.add(origin, line, key + ": set twice, first at " + earlier.origin());
    }
  }

  /** The settings of which the later ones win. */
  void overlay(Given root, List<Setting> settings) {
    settings.forEach(setting -> overlay(root, setting));
  }
}
