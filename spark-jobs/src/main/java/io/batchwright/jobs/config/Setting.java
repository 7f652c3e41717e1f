package io.batchwright.jobs.config;

/**
 * One value laid over a recipe from outside its file.
 *
 * @param key the dotted key, such as {@code optimizer.beta1}
 * @param value its text, read as YAML
 * @param origin what to name in messages, such as {@code --set} or {@code --out}
 */
public record Setting(String key, String value, String origin) {
  /** A setting whose text is taken as it is, whatever it would mean in YAML. */
  public static Setting text(String key, String text, String origin) {
    return new Setting(key, "'" + text.replace("'", "''") + "'", origin);
  }
}
