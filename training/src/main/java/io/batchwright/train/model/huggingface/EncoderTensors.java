package io.batchwright.train.model.huggingface;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.failure.FileReason;
import io.batchwright.tensor.Shape;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.model.BertConfig;
import io.batchwright.train.model.BertEncoder;
import io.batchwright.train.safetensors.Safetensors;
import io.batchwright.train.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors of an encoder in a {@code model.safetensors}: which one of the file is which
 * parameter.
 *
 * <p>A parameter may stand under its name, behind the prefix of its architecture ({@code bert.},
 * ...), and, in files from TensorFlow's days, with {@code gamma} and {@code beta} for a norm's
 * weight and bias. Tensors that are no parameters (the pooler, {@code position_ids}) are not read;
 * the head of a masked language model is for one alone.
 *
 * @param file the safetensors file
 * @param architecture that names its tensors
 * @param config their sizes
 * @param names by the names of {@code BertEncoder}'s parameters, those in the file
 * @param head the parameters of the head, by the names in the file of all copies; empty where the
 *     file has no whole head
 */
record EncoderTensors(
    Path file,
    Architecture architecture,
    BertConfig config,
    Map<String, String> names,
    Map<String, String> head) {

  /**
   * Finds and checks all parameters; reads the header alone.
   *
   * @throws BatchwrightException if a tensor is missing, or has another shape than {@code config}
   *     says, or a type that holds no real numbers
   */
  static EncoderTensors find(Path file, Architecture architecture, BertConfig config) {
    if (!Files.exists(file)) {
      throw BatchwrightException.data(
          file
              + " is missing; weights in other files (pytorch_model.bin, several shards) must first"
              + " be saved as one safetensors file");
    }
    Map<String, String> names = new LinkedHashMap<>();
    Map<String, String> head;
    try (Safetensors tensors = Safetensors.open(file)) {
      for (Map.Entry<String, Shape> parameter : BertEncoder.shapes(config).entrySet()) {
        String name = found(tensors, architecture, parameter.getKey());
        if (name == null) {
          throw BatchwrightException.data(
              "%s: tensor %s is missing, with and without the prefix %s"
                  .formatted(file, architecture.tensor(parameter.getKey()), architecture.prefix()));
        }
        requireShape(file, tensors, name, parameter.getValue());
        names.put(parameter.getKey(), name);
      }
      head = head(file, tensors, architecture, config);
    } catch (IOException e) {
      throw BatchwrightException.data(FileReason.of(file, e), e);
    }
    return new EncoderTensors(file, architecture, config, names, head);
  }

  private static Map<String, String> head(
      Path file, Safetensors tensors, Architecture architecture, BertConfig config)
      throws IOException {
    Map<String, String> head = new LinkedHashMap<>();
    for (Map.Entry<String, Shape> entry : Architecture.headShapes(config).entrySet()) {
      String parameter = entry.getKey();
      boolean found = false;
      for (String name : architecture.head(parameter)) {
        for (String spelled : List.of(name, old(name))) {
          if (!head.containsKey(spelled) && tensors.names().contains(spelled)) {
            requireShape(file, tensors, spelled, entry.getValue());
            head.put(spelled, parameter);
            found = true;
          }
        }
      }
      if (!found) {
        return Map.of();
      }
    }
    for (String copy : architecture.head(BertEncoder.WORDS)) {
      if (tensors.names().contains(copy)) {
        requireShape(
            file, tensors, copy, Shape.of(config.vocabularySize(), config.dims())); // [V, D]
        head.put(copy, BertEncoder.WORDS);
      }
    }
    return head;
  }

  private static String found(Safetensors tensors, Architecture architecture, String parameter) {
    String plain = architecture.tensor(parameter);
    String old = old(plain);
    return List.of(plain, architecture.prefix() + plain, old, architecture.prefix() + old).stream()
        .filter(tensors.names()::contains)
        .findFirst()
        .orElse(null);
  }

  /** The name in files from TensorFlow's days. */
  private static String old(String name) {
    return name.replace("LayerNorm.weight", "LayerNorm.gamma")
        .replace("LayerNorm.bias", "LayerNorm.beta");
  }

  private static void requireShape(Path file, Safetensors tensors, String name, Shape shape)
      throws IOException {
    long[] stored = tensors.shape(name);
    long[] needed = dims(shape);
    if (!Arrays.equals(stored, needed)) {
      throw BatchwrightException.data(
          "%s: tensor %s has the shape %s, config.json gives %s"
              .formatted(file, name, Arrays.toString(stored), Arrays.toString(needed)));
    }
    switch (tensors.type(name)) {
      case F32, F16, BF16, F64 -> {}
      default ->
          throw BatchwrightException.data(
              "%s: tensor %s is of type %s; weights must be F32, F16, BF16 or F64"
                  .formatted(file, name, tensors.type(name)));
    }
  }

  /**
   * Overwrites parameters with the file's values, rounded to the parameters' type.
   *
   * @throws BatchwrightException if a value is not finite
   */
  void load(List<Parameter> parameters) {
    load(parameters, names);
  }

  /** The same for the parameters of a head; leaves them as they are where the file has none. */
  void loadHead(List<Parameter> parameters) {
    if (!head.isEmpty()) {
      Map<String, String> first = new LinkedHashMap<>();
      head.forEach((name, parameter) -> first.putIfAbsent(parameter, name));
      load(parameters, first);
    }
  }

  private void load(List<Parameter> parameters, Map<String, String> from) {
    try (Safetensors tensors = Safetensors.open(file)) {
      for (Parameter parameter : parameters) {
        String name = from.get(parameter.name());
        float[] values = tensors.readFloats(name);
        tensors.requireFinite(name, values, 0);
        parameter.storage().copyFrom(values);
      }
    } catch (IOException e) {
      throw BatchwrightException.data(FileReason.of(file, e), e);
    }
  }

  /**
   * Writes a file with the same tensors under the same names: parameters with new values in F32,
   * all others as they are. A head that the file did not have is added; then all stand behind the
   * architecture's prefix, which files with a head have.
   *
   * @param values by the names of the parameters; with those of a head it is written, too
   * @throws IllegalArgumentException if one is missing or has another length
   */
  void write(Path target, Map<String, float[]> values) throws IOException {
    Map<String, String> parameters = new HashMap<>();
    names.forEach((parameter, name) -> parameters.put(name, parameter));
    if (values.keySet().containsAll(head.values())) {
      parameters.putAll(head);
    }
    Map<String, Shape> heads = Architecture.headShapes(config);
    boolean added = head.isEmpty() && values.keySet().containsAll(heads.keySet());
    String prefix = architecture.prefix();
    String before =
        added && names.values().stream().noneMatch(name -> name.startsWith(prefix)) ? prefix : "";
    try (Safetensors source = Safetensors.open(file)) {
      Map<String, SafetensorsWriter.Values> tensors = new HashMap<>();
      for (String name : source.names()) {
        String parameter = parameters.get(name);
        tensors.put(
            before + name,
            parameter == null
                ? source.stored(name)
                : floats(source.shape(name), parameter, values.get(parameter)));
      }
      if (added) {
        for (String parameter : heads.keySet()) {
          tensors.put(
              architecture.head(parameter).get(0),
              floats(heads.get(parameter), parameter, values.get(parameter)));
        }
      }
      SafetensorsWriter.write(target, source.metadata(), tensors);
    }
  }

  private static long[] dims(Shape shape) {
    long[] dims = new long[shape.rank()];
    Arrays.setAll(dims, shape::dim);
    return dims;
  }

  /**
   * A parameter as a tensor of a file.
   *
   * @throws IllegalArgumentException if there are no values, or of another number
   */
  static SafetensorsWriter.Floats floats(Shape shape, String parameter, float[] values) {
    return floats(dims(shape), parameter, values);
  }

  private static SafetensorsWriter.Floats floats(long[] shape, String parameter, float[] values) {
    if (values == null) {
      throw new IllegalArgumentException("no values for the parameter " + parameter);
    }
    int[] dims = Arrays.stream(shape).mapToInt(Math::toIntExact).toArray();
    return new SafetensorsWriter.Floats(dims, values);
  }
}
