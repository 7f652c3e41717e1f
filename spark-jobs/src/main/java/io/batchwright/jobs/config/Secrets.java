package io.batchwright.jobs.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.regex.Pattern;

/** Keeps passwords that reach us through Spark settings out of what we print and store. */
public final class Secrets {
  private static final Pattern KEY =
      Pattern.compile("(?i)secret|password|passwd|credential|access[.]?key|[.]token");
  private static final String HIDDEN = "(hidden)";

  private Secrets() {}

  /** A copy of {@code recipe} whose texts under secret-looking dotted keys are hidden. */
  public static ObjectNode hide(ObjectNode recipe) {
    ObjectNode copy = recipe.deepCopy();
    hideIn(copy);
    return copy;
  }

  private static void hideIn(ObjectNode section) {
    section
        .properties()
        .forEach(
            entry -> {
              if (entry.getValue() instanceof ObjectNode inner) {
                hideIn(inner);
              } else if (entry.getValue().isTextual() && isSecret(entry.getKey())) {
                section.put(entry.getKey(), HIDDEN);
              }
            });
  }

  private static boolean isSecret(String key) {
    return key.indexOf('.') >= 0 && KEY.matcher(key).find();
  }
}
