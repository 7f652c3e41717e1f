package io.batchwright.data.token;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The parts of Hugging Face's {@code tokenizer.json} that every tokenizer has. */
final class TokenizerJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TokenizerJson() {}

  /**
   * The file's text.
   *
   * @param special the special tokens; their ids are their places
   * @param postProcessor what goes around a text for models that want it, or JSON's null
   */
  static String write(
      List<String> special,
      JsonNode postProcessor,
      WordRules rules,
      ObjectNode preTokenizer,
      ObjectNode decoder,
      ObjectNode model) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("version", "1.0").putNull("truncation").putNull("padding");
    var added = root.putArray("added_tokens");
    for (int id = 0; id < special.size(); id++) {
      added
          .addObject()
          .put("id", id)
          .put("content", special.get(id))
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    root.set("normalizer", rules.json());
    root.set("pre_tokenizer", preTokenizer);
    root.set("post_processor", postProcessor);
    root.set("decoder", decoder);
    root.set("model", model);
    try {
      return JSON.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can always be written", e);
    }
  }

  /**
   * The {@code post_processor} that puts one special token before a text and one behind it, and the
   * latter between two texts, as BERT has it.
   */
  static ObjectNode template(List<String> special, String before, String after) {
    ObjectNode template = object("TemplateProcessing");
    ArrayNode single = template.putArray("single");
    add(single, "SpecialToken", before, 0);
    add(single, "Sequence", "A", 0);
    add(single, "SpecialToken", after, 0);
    ArrayNode pair = template.putArray("pair").addAll(single.deepCopy());
    add(pair, "Sequence", "B", 1);
    add(pair, "SpecialToken", after, 1);
    ObjectNode tokens = template.putObject("special_tokens");
    for (String token : List.of(before, after)) {
      ObjectNode entry = tokens.putObject(token).put("id", token);
      entry.putArray("ids").add(special.indexOf(token));
      entry.putArray("tokens").add(token);
    }
    return template;
  }

  private static void add(ArrayNode pieces, String kind, String id, int type) {
    pieces.addObject().putObject(kind).put("id", id).put("type_id", type);
  }

  /** A {@code vocab} object: each token's id is its place. */
  static ObjectNode vocabulary(List<String> tokens) {
    ObjectNode vocabulary = JsonNodeFactory.instance.objectNode();
    for (int id = 0; id < tokens.size(); id++) {
      vocabulary.put(tokens.get(id), id);
    }
    return vocabulary;
  }

  static ObjectNode object(String type) {
    return JsonNodeFactory.instance.objectNode().put("type", type);
  }
}
