package io.batchwright.jobs.model;

import io.batchwright.train.export.ModelCard;
import io.batchwright.train.export.SentenceTransformersFolder;
import io.batchwright.train.export.StaticEmbeddingWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A model made by hand: each word it knows is a dimension of its own. */
public final class WordModel {
  private WordModel() {}

  /** Writes a model folder that knows {@code words} (lower case, split at white space). */
  public static void write(Path folder, List<String> words) throws IOException {
    int size = words.size() + 1;
    float[] table = new float[size * words.size()];
    StringBuilder vocabulary = new StringBuilder("\"[UNK]\":0");
    for (int i = 0; i < words.size(); i++) {
      vocabulary.append(",\"").append(words.get(i)).append("\":").append(i + 1);
      table[(i + 1) * words.size() + i] = 1;
    }
    String tokenizer =
        """
        {"version":"1.0","truncation":null,"padding":null,
         "added_tokens":[{"id":0,"content":"[UNK]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
         "normalizer":{"type":"Lowercase"},"pre_tokenizer":{"type":"WhitespaceSplit"},
         "post_processor":null,"decoder":null,
         "model":{"type":"WordLevel","vocab":{%s},"unk_token":"[UNK]"}}
        """
            .formatted(vocabulary);
    SentenceTransformersFolder.write(
        folder,
        SentenceTransformersFolder.Contents.of(
            new StaticEmbeddingWeights(size, words.size(), table),
            tokenizer,
            new ModelCard("Words", "A test.", Map.of(), Map.of(), "none", List.of()),
            new TreeMap<>()));
  }
}
