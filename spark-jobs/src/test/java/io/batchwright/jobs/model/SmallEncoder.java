package io.batchwright.jobs.model;

import io.batchwright.train.safetensors.SafetensorsWriter;
import io.batchwright.train.safetensors.SafetensorsWriter.Floats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A bare BERT of one layer in Hugging Face's layout, with random weights. */
public final class SmallEncoder {
  private static final int DIMS = 16;
  private static final int POSITIONS = 24;

  private SmallEncoder() {}

  /** Writes a folder that knows {@code words} (lower case, split at white space). */
  public static void write(Path folder, List<String> words) throws IOException {
    int size = words.size() + 3;
    StringBuilder vocabulary = new StringBuilder("\"[UNK]\":0,\"[CLS]\":1,\"[SEP]\":2");
    for (int i = 0; i < words.size(); i++) {
      vocabulary.append(",\"").append(words.get(i)).append("\":").append(i + 3);
    }
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"version":"1.0","truncation":null,"padding":null,"added_tokens":[],
         "normalizer":{"type":"Lowercase"},"pre_tokenizer":{"type":"WhitespaceSplit"},
         "post_processor":{"type":"BertProcessing","sep":["[SEP]",2],"cls":["[CLS]",1]},"decoder":null,
         "model":{"type":"WordLevel","vocab":{%s},"unk_token":"[UNK]"}}
        """
            .formatted(vocabulary));
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type":"bert","vocab_size":%d,"hidden_size":%d,"num_hidden_layers":1,
         "num_attention_heads":2,"intermediate_size":32,"hidden_act":"gelu",
         "max_position_embeddings":%d,"type_vocab_size":2}
        """
            .formatted(size, DIMS, POSITIONS));
    Files.writeString(folder.resolve("origin.txt"), "nobody reads this");
    SafetensorsWriter.write(folder.resolve("model.safetensors"), Map.of(), tensors(size));
  }

  private static Map<String, Floats> tensors(int vocabulary) {
    Map<String, Floats> tensors = new TreeMap<>();
    add(tensors, "embeddings.word_embeddings.weight", vocabulary, DIMS);
    add(tensors, "embeddings.position_embeddings.weight", POSITIONS, DIMS);
    add(tensors, "embeddings.token_type_embeddings.weight", 2, DIMS);
    addNorm(tensors, "embeddings.LayerNorm");
    String layer = "encoder.layer.0.";
    for (String part : List.of("query", "key", "value")) {
      addLinear(tensors, layer + "attention.self." + part, DIMS, DIMS);
    }
    addLinear(tensors, layer + "attention.output.dense", DIMS, DIMS);
    addNorm(tensors, layer + "attention.output.LayerNorm");
    addLinear(tensors, layer + "intermediate.dense", 32, DIMS);
    addLinear(tensors, layer + "output.dense", DIMS, 32);
    addNorm(tensors, layer + "output.LayerNorm");
    addLinear(tensors, "pooler.dense", DIMS, DIMS);
    return tensors;
  }

  private static void addLinear(Map<String, Floats> tensors, String name, int out, int in) {
    add(tensors, name + ".weight", out, in);
    add(tensors, name + ".bias", out);
  }

  private static void addNorm(Map<String, Floats> tensors, String name) {
    float[] ones = new float[DIMS];
    Arrays.fill(ones, 1);
    tensors.put("bert." + name + ".weight", new Floats(new int[] {DIMS}, ones));
    add(tensors, name + ".bias", DIMS);
  }

  private static void add(Map<String, Floats> tensors, String name, int... shape) {
    float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    Random random = new Random(name.hashCode());
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.2 * random.nextGaussian());
    }
    tensors.put("bert." + name, new Floats(shape, values));
  }
}
