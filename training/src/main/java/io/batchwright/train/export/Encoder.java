package io.batchwright.train.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.negative.TextEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A finished model that turns texts into unit-length vectors. May be shared between threads.
 *
 * <p>What a text is to the model is decided in one place: {@link #tokens} cuts it, adds the special
 * tokens the model wants, and {@link #encodeTokens} takes exactly that.
 */
public sealed interface Encoder extends TextEncoder
    permits StaticEncoder, ModelEncoder, TruncatedEncoder {
  /** Texts that are tokenized at once: bounds the memory of the tokenizer's results. */
  int BATCH = 1024;

  /**
   * Opens a folder in sentence-transformers' layout, static embedding or transformer, or one in
   * Hugging Face's layout; ours or anybody's.
   *
   * @throws IOException if a file is missing or damaged
   * @throws BatchwrightException if the model is of a kind that is not supported
   */
  static Encoder open(Path directory) throws IOException {
    ModelManifest.verify(directory);
    Path modules = directory.resolve(SentenceTransformersFolder.MODULES);
    if (Files.exists(modules)) {
      for (JsonNode module : new ObjectMapper().readTree(modules.toFile())) {
        if (module.path("type").asText().endsWith(".Transformer")) {
          return ModelEncoder.open(directory);
        }
      }
      return StaticEncoder.open(directory);
    }
    if (Files.exists(directory.resolve("config.json"))) {
      return ModelEncoder.open(directory);
    }
    throw new IOException(
        directory + " is not a model folder: it has neither modules.json nor config.json");
  }

  /**
   * This encoder with the first {@code dims} values of its vectors alone, at unit length again;
   * closing either closes both.
   *
   * @param dims in [1, {@link #dims()}]; 0: all
   * @throws BatchwrightException with exit code 2 if it is not
   */
  default Encoder truncated(int dims) {
    if (dims < 0 || dims > dims()) {
      throw BatchwrightException.usage(
          "truncateDims must be in [1, %d], the dims of the model, or 0 for all, got %d"
              .formatted(dims(), dims));
    }
    return dims == 0 || dims == dims() ? this : new TruncatedEncoder(this, dims);
  }

  /** SHA-256 of the tokenizer.json, in lower-case hexadecimal. */
  String tokenizerSha256();

  /** The prompts of the folder by name, such as {@code query}; each stands before a text. */
  Map<String, String> prompts();

  /** The token ids of texts as the model sees them. */
  int[][] tokens(List<String> texts);

  /**
   * Encodes texts that are tokenized already.
   *
   * @param tokens as {@link #tokens} gives them
   * @return [texts, dims]
   */
  float[][] encodeTokens(int[][] tokens);

  @Override
  default float[][] encode(List<String> texts) {
    float[][] encoded = new float[texts.size()][];
    for (int from = 0; from < encoded.length; from += BATCH) {
      int to = Math.min(from + BATCH, encoded.length);
      float[][] part = encodeTokens(tokens(texts.subList(from, to)));
      System.arraycopy(part, 0, encoded, from, part.length);
    }
    return encoded;
  }

  /** Encodes texts behind the prompt of that name; one the folder has not adds nothing. */
  default float[][] encode(List<String> texts, String promptName) {
    return encode(prompted(texts, promptName));
  }

  /** Encodes queries, behind the folder's prompt for them. */
  default float[][] encodeQueries(List<String> texts) {
    return encode(texts, "query");
  }

  /** Encodes documents, behind the folder's prompt for them, named document or passage. */
  default float[][] encodeDocuments(List<String> texts) {
    return encode(texts, documentPrompt());
  }

  /** The token ids of queries, their prompt included. */
  default int[][] queryTokens(List<String> texts) {
    return tokens(prompted(texts, "query"));
  }

  /** The token ids of documents, their prompt included. */
  default int[][] documentTokens(List<String> texts) {
    return tokens(prompted(texts, documentPrompt()));
  }

  private String documentPrompt() {
    return prompts().containsKey("document") ? "document" : "passage";
  }

  private List<String> prompted(List<String> texts, String promptName) {
    String prompt = prompts().getOrDefault(promptName, "");
    if (prompt.isEmpty()) {
      return texts;
    }
    List<String> prompted = new ArrayList<>(texts.size());
    texts.forEach(text -> prompted.add(prompt + text));
    return prompted;
  }
}
