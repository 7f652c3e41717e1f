package io.batchwright.train.model.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A second reader of safetensors files, written from the documented format alone, and what networks
 * compute with their tensors, in double precision: it shares no code with what it checks.
 */
final class IndependentTensors {
  private final Map<String, double[]> values = new HashMap<>();
  private final Map<String, int[]> shapes = new HashMap<>();

  /** The numbers of {@code file}; tensors of integers are left out. */
  IndependentTensors(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] header = new byte[Math.toIntExact(bytes.getLong())];
    bytes.get(header);
    int data = bytes.position();
    ObjectMapper json = new ObjectMapper();
    for (Map.Entry<String, JsonNode> entry :
        json.readTree(new String(header, StandardCharsets.UTF_8)).properties()) {
      String type = entry.getValue().path("dtype").asText();
      if (entry.getKey().equals("__metadata__") || type.equals("I64")) {
        continue;
      }
      int[] shape = json.convertValue(entry.getValue().path("shape"), int[].class);
      int elements = 1;
      for (int dim : shape) {
        elements *= dim;
      }
      int from = entry.getValue().path("data_offsets").path(0).asInt();
      int size = (entry.getValue().path("data_offsets").path(1).asInt() - from) / elements;
      double[] numbers = new double[elements];
      for (int i = 0; i < elements; i++) {
        numbers[i] = number(type, bytes, data + from + i * size);
      }
      values.put(entry.getKey(), numbers);
      shapes.put(entry.getKey(), shape);
    }
  }

  private static double number(String type, ByteBuffer bytes, int at) throws IOException {
    return switch (type) {
      case "F32" -> bytes.getFloat(at);
      case "BF16" -> Float.intBitsToFloat(bytes.getShort(at) << 16);
      case "F16" -> half(bytes.getShort(at));
      default -> throw new IOException("unexpected type " + type);
    };
  }

  private static double half(int bits) {
    int exponent = (bits >> 10) & 31;
    int fraction = bits & 1023;
    double size =
        exponent == 0
            ? Math.scalb((double) fraction, -24)
            : Math.scalb(1024.0 + fraction, exponent - 25);
    return (bits & 0x8000) == 0 ? size : -size;
  }

  /** Leaves {@code prefix} out of the names that begin with it. */
  IndependentTensors without(String prefix) {
    for (String name : Map.copyOf(values).keySet()) {
      if (name.startsWith(prefix)) {
        values.put(name.substring(prefix.length()), values.remove(name));
        shapes.put(name.substring(prefix.length()), shapes.remove(name));
      }
    }
    return this;
  }

  int count() {
    return values.size();
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  int[] shape(String name) {
    return shapes.get(name);
  }

  double[] of(String name) {
    double[] found = values.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no tensor " + name + " among " + values.keySet());
    }
    return found;
  }

  /** Adds a row of a table to {@code x}. */
  void addRow(String table, int row, double[] x) {
    for (int d = 0; d < x.length; d++) {
      x[d] += of(table)[row * x.length + d];
    }
  }

  /** {@code x weight' + bias}, weight [out, in]. */
  double[][] linear(String name, double[][] x) {
    return product(name, x, shape(name + ".weight")[0], true);
  }

  /** {@code x weight + bias}, weight [in, out]. */
  double[][] conv1d(String name, double[][] x) {
    return product(name, x, shape(name + ".weight")[1], false);
  }

  private double[][] product(String name, double[][] x, int out, boolean transposed) {
    double[] weight = of(name + ".weight");
    double[][] y = new double[x.length][out];
    for (int t = 0; t < x.length; t++) {
      int in = x[t].length;
      for (int o = 0; o < out; o++) {
        y[t][o] = of(name + ".bias")[o];
        for (int i = 0; i < in; i++) {
          y[t][o] += x[t][i] * weight[transposed ? o * in + i : i * out + o];
        }
      }
    }
    return y;
  }

  /** Layer norm; its gain may be called weight or gamma, its shift bias or beta. */
  double[][] norm(String name, double[][] x, double epsilon) {
    double[] gain = of(name + (has(name + ".weight") ? ".weight" : ".gamma"));
    double[] shift = of(name + (has(name + ".bias") ? ".bias" : ".beta"));
    double[][] y = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      int dims = x[t].length;
      double mean = 0;
      double square = 0;
      for (double value : x[t]) {
        mean += value / dims;
      }
      for (double value : x[t]) {
        square += (value - mean) * (value - mean) / dims;
      }
      y[t] = new double[dims];
      for (int d = 0; d < dims; d++) {
        y[t][d] = (x[t][d] - mean) / Math.sqrt(square + epsilon) * gain[d] + shift[d];
      }
    }
    return y;
  }

  /**
   * What heads attend to.
   *
   * @param causal whether a place sees those before it and itself only
   * @return [T, D]
   */
  static double[][] attend(double[][] q, double[][] k, double[][] v, int heads, boolean causal) {
    int dims = q[0].length;
    int width = dims / heads;
    double[][] mixed = new double[q.length][dims];
    for (int h = 0; h < heads; h++) {
      for (int t = 0; t < q.length; t++) {
        double[] weights = new double[causal ? t + 1 : q.length];
        double sum = 0;
        for (int s = 0; s < weights.length; s++) {
          double score = 0;
          for (int d = h * width; d < (h + 1) * width; d++) {
            score += q[t][d] * k[s][d];
          }
          weights[s] = Math.exp(score / Math.sqrt(width));
          sum += weights[s];
        }
        for (int s = 0; s < weights.length; s++) {
          for (int d = h * width; d < (h + 1) * width; d++) {
            mixed[t][d] += weights[s] / sum * v[s][d];
          }
        }
      }
    }
    return mixed;
  }

  static double[][] gelu(double[][] x) {
    double[][] y = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      y[t] = x[t].clone();
      for (int i = 0; i < y[t].length; i++) {
        y[t][i] *= normalDistribution(x[t][i]);
      }
    }
    return y;
  }

  static double[][] sum(double[][] x, double[][] y) {
    double[][] z = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      z[t] = x[t].clone();
      for (int d = 0; d < z[t].length; d++) {
        z[t][d] += y[t][d];
      }
    }
    return z;
  }

  /** The share of a standard normal distribution below x: its density, by Simpson's rule. */
  private static double normalDistribution(double x) {
    int steps = 2_000;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
      double at = x * i / steps;
      int weight = i == 0 || i == steps ? 1 : 2 + 2 * (i % 2);
      sum += weight * Math.exp(-at * at / 2);
    }
    return 0.5 + sum * x / steps / 3 / Math.sqrt(2 * Math.PI);
  }
}
