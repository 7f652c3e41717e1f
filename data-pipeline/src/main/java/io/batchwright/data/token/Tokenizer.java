package io.batchwright.data.token;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.batchwright.data.failure.BatchwrightException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A loaded {@code tokenizer.json}, ours or anybody's. It holds native memory; close it.
 *
 * <p>Encoding adds no special tokens, pads nothing and cuts nothing. One instance may serve several
 * threads. Nothing is fetched from a network: the natives come with the jar and go to {@code
 * DJL_CACHE_DIR} (environment or system property; {@code ~/.djl.ai} by default) through a temporary
 * folder and an atomic move, so that JVMs may start together. A text's special tokens are added by
 * {@link SpecialTokens#around}.
 */
public final class Tokenizer implements AutoCloseable {
  static {
    // DJL reads these when its classes load: no downloads, no telemetry.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
  }

  private static final Map<String, String> PLAIN =
      Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");

  private final HuggingFaceTokenizer loaded;
  private final String sha256;

  private Tokenizer(HuggingFaceTokenizer loaded, String sha256) {
    this.loaded = loaded;
    this.sha256 = sha256;
  }

  /**
   * Loads the text of a {@code tokenizer.json}.
   *
   * @throws BatchwrightException if it is not one
   */
  public static Tokenizer load(String json) {
    try {
      return new Tokenizer(
          HuggingFaceTokenizer.newInstance(
              new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), PLAIN),
          TrainedTokenizer.sha256(json));
    } catch (IOException | RuntimeException e) {
      throw BatchwrightException.data("tokenizer.json cannot be loaded: " + e.getMessage(), e);
    }
  }

  /** SHA-256 of the tokenizer.json, in lower-case hexadecimal. */
  public String sha256() {
    return sha256;
  }

  /** What this tokenizer's post-processor puts around a single text; nothing where it has none. */
  public SpecialTokens specialTokens() {
    Encoding encoding = loaded.encode("a", true, false);
    long[] ids = encoding.getIds();
    long[] special = encoding.getSpecialTokenMask();
    int from = 0;
    while (from < ids.length && special[from] == 1) {
      from++;
    }
    int to = ids.length;
    while (to > from && special[to - 1] == 1) {
      to--;
    }
    return new SpecialTokens(list(ids, 0, from), list(ids, to, ids.length));
  }

  private static List<Integer> list(long[] ids, int from, int to) {
    return Arrays.stream(ids, from, to).mapToObj(Math::toIntExact).toList();
  }

  /** The token ids of {@code text}. */
  public int[] encode(String text) {
    return ids(loaded.encode(text, false, false));
  }

  /** The token ids of each text; on several cores where the machine has them. */
  public int[][] encode(List<String> texts) {
    if (texts.isEmpty()) {
      return new int[0][];
    }
    Encoding[] encodings = loaded.batchEncode(texts, false, false);
    int[][] all = new int[encodings.length][];
    for (int i = 0; i < all.length; i++) {
      all[i] = ids(encodings[i]);
    }
    return all;
  }

  private static int[] ids(Encoding encoding) {
    long[] ids = encoding.getIds();
    int[] narrow = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      narrow[i] = (int) ids[i];
    }
    return narrow;
  }

  @Override
  public void close() {
    loaded.close();
  }
}
