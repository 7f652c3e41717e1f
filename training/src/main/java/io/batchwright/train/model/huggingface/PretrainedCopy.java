package io.batchwright.train.model.huggingface;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.train.model.Pooling;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes a pretrained folder with new weights: the same layout, the same tensor names, and every
 * file that is not understood as it was.
 *
 * <p>The trained head of a masked language model is written, too; where the folder had none it is
 * added, and the encoder's tensors get their architecture's prefix if they had none.
 *
 * <p>Trained tensors are written in F32, and {@code config.json} says so; all other tensors
 * (pooler, heads that were not trained) keep type and bits. A bare encoder gets the modules it was
 * trained with: mean of token states, unit length.
 *
 * <p>Left out: the same weights in other formats, which would still be the old ones ({@code
 * pytorch_model.bin}, shards, {@code onnx/}, {@code openvino/} and the like), hidden files, and our
 * own manifest. The model card becomes {@value #OLD_CARD}, in the place of an older one, since it
 * states another model's figures.
 *
 * @param source the folder that training started from
 * @param prompts by name, in the place of the folder's of the same name, and {@code document} also
 *     of its {@code passage}; the folder's others stay
 */
public record PretrainedCopy(PretrainedFolder source, Map<String, String> prompts) {
  /** Where the card of the model that training started from goes. */
  public static final String OLD_CARD = "README.source.md";

  private static final Path CARD = Path.of("README.md");
  private static final Pattern OTHER_WEIGHTS =
      Pattern.compile(
          "(pytorch_model.*\\.bin|tf_model.*\\.h5|flax_model.*\\.msgpack)(\\.index\\.json)?"
              + "|rust_model\\.ot|.*\\.onnx|.*\\.onnx_data|openvino_model.*|.*\\.gguf|.*\\.mlmodel");

  /** Beside the encoder: what is written anew, in shards and in other types. */
  private static final Pattern ITS_WEIGHTS =
      Pattern.compile("model.*\\.safetensors(\\.index\\.json)?");

  private static final Set<String> OTHER_FOLDERS = Set.of("onnx", "openvino", "coreml");
  private static final String MANIFEST = "batchwright.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Copies the prompts. */
  public PretrainedCopy {
    prompts = Map.copyOf(prompts);
  }

  /**
   * Fills an empty folder.
   *
   * @param values each parameter of {@code BertEncoder}, and of a head if one was trained, by name,
   *     row by row
   * @throws IllegalArgumentException if one is missing or has another length than the tensor
   */
  public void write(Path target, Map<String, float[]> values) throws IOException {
    for (Path file : files()) {
      Path to = target.resolve(file.equals(CARD) ? OLD_CARD : file.toString());
      Files.createDirectories(to.getParent());
      // The bytes alone: with its permissions a read-only file could not be written below.
      try (InputStream bytes = Files.newInputStream(source.folder().resolve(file))) {
        Files.copy(bytes, to);
      }
    }
    Path encoder = target.resolve(source.modules().transformer());
    source.tensors().write(encoder.resolve(PretrainedFolder.WEIGHTS), values);
    writeConfig(encoder.resolve(PretrainedFolder.CONFIG));
    if (!prompts.isEmpty()) {
      writePrompts(target.resolve(PretrainedFolder.PROMPTS));
    }
    if (!Files.exists(target.resolve(SentenceModules.FILE))) {
      new SentenceModules("", Pooling.MEAN, true, source.maxTokens(), false)
          .write(target, source.config().dims());
    }
  }

  /** What is copied, as sorted relative paths. */
  private List<Path> files() throws IOException {
    Path folder = source.folder();
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile)
          .map(folder::relativize)
          .filter(this::copied)
          .filter(file -> !file.equals(Path.of(OLD_CARD)) || !Files.exists(folder.resolve(CARD)))
          .sorted()
          .toList();
    }
  }

  private boolean copied(Path file) {
    for (Path part : file) {
      if (part.toString().startsWith(".") || OTHER_FOLDERS.contains(part.toString())) {
        return false;
      }
    }
    String name = file.getFileName().toString();
    boolean beside = file.equals(Path.of(source.modules().transformer()).resolve(name).normalize());
    return !OTHER_WEIGHTS.matcher(name).matches()
        && !(beside && ITS_WEIGHTS.matcher(name).matches())
        && !file.toString().equals(MANIFEST);
  }

  private void writePrompts(Path file) throws IOException {
    ObjectNode config =
        Files.exists(file) ? (ObjectNode) JSON.readTree(file.toFile()) : JSON.createObjectNode();
    ObjectNode named =
        config.get("prompts") instanceof ObjectNode folders ? folders : config.putObject("prompts");
    new TreeMap<>(prompts).forEach(named::put);
    if (named.has("passage") && prompts.containsKey("document")) {
      named.put("passage", prompts.get("document"));
    }
    Files.writeString(file, JSON.writeValueAsString(config) + "\n");
  }

  /** The type of weights stands under its old name or its new one. */
  private static void writeConfig(Path file) throws IOException {
    ObjectNode config = (ObjectNode) JSON.readTree(file.toFile());
    boolean changed = false;
    for (String field : List.of("torch_dtype", "dtype")) {
      if (config.hasNonNull(field) && !config.path(field).asText().equals("float32")) {
        config.put(field, "float32");
        changed = true;
      }
    }
    if (changed) {
      Files.writeString(file, JSON.writeValueAsString(config) + "\n");
    }
  }
}
