package io.batchwright.jobs.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** Block-style YAML of a JSON tree. */
final class YamlText {
  private static final ObjectMapper JSON = new ObjectMapper();

  private YamlText() {}

  static String of(ObjectNode json) {
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    options.setWidth(200);
    return new Yaml(options).dump(JSON.convertValue((JsonNode) json, Object.class));
  }
}
