package io.batchwright.train.model.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.failure.FileReason;
import io.batchwright.data.token.TokenizerDescription;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.model.BertConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A folder that holds an encoder of BERT's family in Hugging Face's layout, with or without what
 * sentence-transformers puts around it.
 *
 * <pre>
 * config.json                        sizes; see {@link Architecture}
 * model.safetensors                  weights: F32, F16, BF16 or F64
 * tokenizer.json                     vocabulary, special tokens
 * modules.json, 1_Pooling/, ...      see {@link SentenceModules}
 * config_sentence_transformers.json  prompts
 * </pre>
 *
 * <p>Opening reads everything but the weights, and checks that the parts agree.
 */
public final class PretrainedFolder {
  /** The file of the encoder's sizes. */
  public static final String CONFIG = "config.json";

  /** The file of its weights. */
  public static final String WEIGHTS = "model.safetensors";

  /** The file of its vocabulary. */
  public static final String TOKENIZER = "tokenizer.json";

  /** The file of its prompts. */
  public static final String PROMPTS = "config_sentence_transformers.json";

  private final Path folder;
  private final Architecture architecture;
  private final BertConfig config;
  private final SentenceModules modules;
  private final String tokenizerJson;
  private final SortedMap<String, String> prompts;
  private final EncoderTensors tensors;
  private final boolean tiedWords;

  private PretrainedFolder(
      Path folder,
      Architecture architecture,
      BertConfig config,
      SentenceModules modules,
      String tokenizerJson,
      EncoderTensors tensors,
      boolean tiedWords) {
    this.folder = folder;
    this.architecture = architecture;
    this.config = config;
    this.modules = modules;
    this.tokenizerJson = tokenizerJson;
    this.tensors = tensors;
    this.tiedWords = tiedWords;
    this.prompts = prompts(folder);
  }

  /**
   * Opens a folder.
   *
   * @throws BatchwrightException with exit code 3 if a file is missing or damaged, the architecture
   *     is not supported, or vocabulary, sizes, lengths and tensors disagree; the message names
   *     file, field or tensor, and reason
   */
  public static PretrainedFolder open(Path folder) {
    SentenceModules modules = SentenceModules.read(folder);
    Path encoder = folder.resolve(modules.transformer());
    JsonFields json = JsonFields.read(encoder.resolve(CONFIG));
    Architecture architecture = Architecture.of(json);
    BertConfig config = architecture.config(json);
    EncoderTensors tensors = EncoderTensors.find(encoder.resolve(WEIGHTS), architecture, config);
    String tokenizer = tokenizer(encoder.resolve(TOKENIZER), config, modules.lowerCase());
    if (modules.maxTokens() > config.longestText()) {
      throw BatchwrightException.data(
          "%s: max_seq_length is %d, but the position table of %d rows has room for %d tokens"
              .formatted(
                  SentenceModules.lengthsFile(encoder),
                  modules.maxTokens(),
                  config.maxPositions(),
                  config.longestText()));
    }
    boolean tied = json.flag("tie_word_embeddings", true);
    return new PretrainedFolder(folder, architecture, config, modules, tokenizer, tensors, tied);
  }

  private static String tokenizer(Path file, BertConfig config, boolean lowerCase) {
    if (!Files.exists(file)) {
      throw BatchwrightException.data(
          file
              + " is missing; AutoTokenizer.from_pretrained(...).save_pretrained(...) of"
              + " transformers writes it from a vocab.txt, a vocab.json or a"
              + " sentencepiece.bpe.model");
    }
    String json;
    try {
      json = Files.readString(file);
    } catch (IOException e) {
      throw BatchwrightException.data(FileReason.of(file, e), e);
    }
    TokenizerDescription described = TokenizerDescription.of(json);
    if (described.greatestId() >= config.vocabularySize()) {
      throw BatchwrightException.data(
          "%s: token ids go up to %d, but the embedding has %d rows"
              .formatted(file, described.greatestId(), config.vocabularySize()));
    }
    if (lowerCase && !described.lowercases()) {
      throw BatchwrightException.data(
          file
              + ": do_lower_case is true, but the tokenizer keeps capital letters; add a Lowercase"
              + " normalizer to it");
    }
    return json;
  }

  private static SortedMap<String, String> prompts(Path folder) {
    SortedMap<String, String> prompts = new TreeMap<>();
    if (Files.exists(folder.resolve(PROMPTS))) {
      JsonNode named = JsonFields.read(folder.resolve(PROMPTS)).root().path("prompts");
      named.properties().forEach(p -> prompts.put(p.getKey(), p.getValue().asText()));
    }
    return prompts;
  }

  public Path folder() {
    return folder;
  }

  /** Its kind, by {@code model_type}. */
  public Architecture architecture() {
    return architecture;
  }

  /** The sizes. */
  public BertConfig config() {
    return config;
  }

  /** Pooling and lengths. */
  public SentenceModules modules() {
    return modules;
  }

  /** The text of its {@code tokenizer.json}. */
  public String tokenizerJson() {
    return tokenizerJson;
  }

  /** What stands before a text, by the text's kind, such as {@code query}. */
  public SortedMap<String, String> prompts() {
    return prompts;
  }

  /** The most tokens of a text, special tokens included. */
  public int maxTokens() {
    return modules.maxTokens() == 0 ? config.longestText() : modules.maxTokens();
  }

  /**
   * Overwrites the parameters of an encoder with this folder's weights.
   *
   * @param parameters those of a {@code BertEncoder} of {@link #config()}
   * @throws BatchwrightException if a weight is not finite
   */
  public void load(List<Parameter> parameters) {
    tensors.load(parameters);
  }

  /**
   * Overwrites the parameters of a masked language model's head with this folder's, if it has one;
   * leaves them as they are where it has none.
   *
   * @param parameters those of a head over {@link #config()}, by the names of {@code
   *     BertForMaskedLM}
   * @throws BatchwrightException if a weight is not finite, or see {@link #requireTiedWords}
   */
  public void loadHead(List<Parameter> parameters) {
    requireTiedWords();
    tensors.loadHead(parameters);
  }

  /**
   * Requires what a masked language model is made of.
   *
   * @throws BatchwrightException if the output's matrix is another than the table of words
   */
  public void requireTiedWords() {
    if (!tiedWords) {
      throw BatchwrightException.data(
          folder.resolve(modules.transformer()).resolve(CONFIG)
              + ": tie_word_embeddings is false; a masked language model goes on only from a folder"
              + " whose output is its table of words");
    }
  }

  EncoderTensors tensors() {
    return tensors;
  }
}
