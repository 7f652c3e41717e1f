package io.batchwright.train.checkpoint;

import io.batchwright.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One number for the weights of a model: SHA-256 over, for each parameter in the order of names,
 * its name, a zero byte, its shape as in {@code [3, 4]}, a zero byte, and its little-endian bytes.
 */
public final class WeightsHash {
  private WeightsHash() {}

  /** The hash in hexadecimal. */
  public static String of(Map<String, Tensor> parameters) {
    SortedMap<String, Tensor> sorted = new TreeMap<>(parameters);
    MessageDigest digest = sha256();
    try {
      for (Map.Entry<String, Tensor> parameter : sorted.entrySet()) {
        digest.update(parameter.getKey().getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        digest.update(parameter.getValue().shape().toString().getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        TensorBytes.read(
            parameter.getValue(), (buffer, length) -> digest.update(buffer, 0, length));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
