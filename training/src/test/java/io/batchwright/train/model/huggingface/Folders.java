package io.batchwright.train.model.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.BertEncoder;
import io.batchwright.train.model.ForwardPass;
import io.batchwright.train.model.TextBatch;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The folders that {@code pretrained_golden.py} wrote, and what is computed with one. */
final class Folders {
  private Folders() {}

  static Path of(String name) {
    try {
      return Path.of(Folders.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static JsonNode golden(String name) throws IOException {
    return new ObjectMapper().readTree(of(name).resolve("golden.json").toFile());
  }

  /** A copy that a test may damage. */
  static Path copy(String name, Path target) throws IOException {
    Path source = of(name);
    try (Stream<Path> walk = Files.walk(source)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        Path to = target.resolve(source.relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
    return target;
  }

  static int[][] ids(JsonNode golden) {
    return new ObjectMapper().convertValue(golden.path("ids"), int[][].class);
  }

  static BertEncoder encoder(PretrainedFolder folder, Backend backend, Arena arena, DType dtype) {
    BertEncoder encoder =
        new BertEncoder(folder.config(), new ParameterSpace(backend, arena, dtype), 1);
    folder.load(encoder.parameters());
    return encoder;
  }

  /** One vector a text, as the folder's modules say. */
  static double[] vectors(
      PretrainedFolder folder, BertEncoder encoder, int[][] ids, Backend backend, Arena arena) {
    int[] offsets = new int[ids.length + 1];
    for (int i = 0; i < ids.length; i++) {
      offsets[i + 1] = offsets[i] + ids[i].length;
    }
    int[] tokens = Stream.of(ids).flatMapToInt(Arrays::stream).toArray();
    TextBatch batch =
        new TextBatch(
            arena.ints("tokens", tokens, tokens.length),
            arena.ints("offsets", offsets, offsets.length));
    Graph graph = new Graph(backend, arena);
    Variable pooled =
        encoder.encode(graph, batch, folder.modules().pooling(), ForwardPass.EVALUATION);
    return (folder.modules().normalize() ? graph.l2Normalize(pooled) : pooled).value().toDoubles();
  }

  static Map<String, float[]> values(List<Parameter> parameters) {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Parameter parameter : parameters) {
      double[] doubles = parameter.value().toDoubles();
      float[] floats = new float[doubles.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) doubles[i];
      }
      values.put(parameter.name(), floats);
    }
    return values;
  }
}
