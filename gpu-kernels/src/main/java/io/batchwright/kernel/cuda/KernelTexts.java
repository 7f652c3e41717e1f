package io.batchwright.kernel.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The kernels as PTX, one resource a file of {@code src/main/cuda}: compiled for compute capability
 * 8.0 and stamped PTX 8.0, which drivers since CUDA 12.0 (r525) compile for the device at hand.
 * {@code bin/compile-kernels} writes them; a test holds them against their sources.
 */
final class KernelTexts {
  static final List<String> FILES =
      List.of(
          "elements",
          "reductions",
          "rows",
          "matrices",
          "attention",
          "attention_bf16",
          "norms",
          "search",
          "updates");
  private static final Pattern ENTRY = Pattern.compile("\\.entry (\\w+)\\(");

  private final Map<String, String> texts;
  private final Map<String, String> files = new HashMap<>();
  private final String hash;

  private KernelTexts(Map<String, String> texts) {
    this.texts = texts;
    texts.forEach(
        (file, text) -> {
          Matcher entries = ENTRY.matcher(text);
          while (entries.find()) {
            files.put(entries.group(1), file);
          }
        });
    String heads =
        FILES.stream()
            .map(file -> texts.get(file).lines().findFirst().orElse(""))
            .collect(Collectors.joining("\n"));
    this.hash = CacheFolder.hash(heads.getBytes(StandardCharsets.US_ASCII));
  }

  /** Those in the jar. */
  static KernelTexts packaged() {
    Map<String, String> texts = new HashMap<>();
    for (String file : FILES) {
      try (InputStream in = KernelTexts.class.getResourceAsStream(file + ".ptx")) {
        if (in == null) {
          throw new IllegalStateException("the kernels " + file + ".ptx are not in the jar");
        }
        texts.put(file, new String(in.readAllBytes(), StandardCharsets.US_ASCII));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return new KernelTexts(texts);
  }

  /** SHA-256 over the hashes of the sources, with which the texts begin. */
  String hash() {
    return hash;
  }

  /** All kernels' names. */
  Set<String> kernels() {
    return files.keySet();
  }

  String fileOf(String kernel) {
    String file = files.get(kernel);
    if (file == null) {
      throw new IllegalStateException("there is no kernel " + kernel);
    }
    return file;
  }

  String text(String file) {
    return texts.get(file);
  }
}
