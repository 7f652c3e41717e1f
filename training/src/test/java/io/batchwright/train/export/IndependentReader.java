package io.batchwright.train.export;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A second reader of the folder, written from the documented formats alone: it shares no code with
 * the writer or with {@link StaticEncoder}, and computes in double precision.
 */
final class IndependentReader {
  private static final Pattern TENSOR =
      Pattern.compile(
          "\"embedding\\.weight\"\\s*:\\s*\\{\\s*\"dtype\"\\s*:\\s*\"F32\"\\s*,"
              + "\\s*\"shape\"\\s*:\\s*\\[(\\d+),(\\d+)]\\s*,"
              + "\\s*\"data_offsets\"\\s*:\\s*\\[(\\d+),(\\d+)]");
  private static final Pattern MODULE =
      Pattern.compile("\"path\"\\s*:\\s*\"([^\"]+)\"\\s*,\\s*\"type\"\\s*:\\s*\"([^\"]+)\"");

  private final ByteBuffer table;
  private final int dims;

  IndependentReader(Path folder) throws IOException {
    Matcher module = MODULE.matcher(Files.readString(folder.resolve("modules.json")));
    Path embedding = null;
    boolean normalizes = false;
    while (module.find()) {
      switch (module.group(2)) {
        case "sentence_transformers.models.StaticEmbedding" ->
            embedding = folder.resolve(module.group(1));
        case "sentence_transformers.models.Normalize" -> normalizes = true;
        default -> throw new IOException("unexpected module " + module.group(2));
      }
    }
    if (embedding == null || !normalizes) {
      throw new IOException("modules.json does not describe a normalized static embedding");
    }
    ByteBuffer file =
        ByteBuffer.wrap(Files.readAllBytes(embedding.resolve("model.safetensors")))
            .order(ByteOrder.LITTLE_ENDIAN);
    byte[] header = new byte[Math.toIntExact(file.getLong())];
    file.get(header);
    Matcher tensor = TENSOR.matcher(new String(header, StandardCharsets.UTF_8));
    if (!tensor.find()) {
      throw new IOException("no F32 matrix embedding.weight");
    }
    this.dims = Integer.parseInt(tensor.group(2));
    this.table =
        file.slice(
                file.position() + Integer.parseInt(tensor.group(3)),
                Integer.parseInt(tensor.group(4)) - Integer.parseInt(tensor.group(3)))
            .order(ByteOrder.LITTLE_ENDIAN);
  }

  double[] encode(int[] tokens) {
    double[] mean = new double[dims];
    for (int token : tokens) {
      for (int i = 0; i < dims; i++) {
        mean[i] += table.getFloat((token * dims + i) * 4) / (double) tokens.length;
      }
    }
    double norm = 0;
    for (double value : mean) {
      norm += value * value;
    }
    for (int i = 0; i < dims && norm > 0; i++) {
      mean[i] /= Math.sqrt(norm);
    }
    return mean;
  }
}
