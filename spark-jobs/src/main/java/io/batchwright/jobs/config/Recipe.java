package io.batchwright.jobs.config;

/**
 * The text of a recipe.
 *
 * @param name what messages call it, such as {@code conf/quickstart.yaml}
 * @param text YAML
 */
public record Recipe(String name, String text) {
  /** A recipe that sets nothing. */
  public static final Recipe EMPTY = new Recipe("", "");
}
