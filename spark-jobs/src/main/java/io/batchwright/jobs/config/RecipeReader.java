package io.batchwright.jobs.config;

import java.util.List;

/**
 * Reads a recipe into its record.
 *
 * <p>Every problem of a recipe is reported at once, each as {@code conf/x.yaml:12: optimizer.beta1
 * = 1.8: must be in [0, 1)}. Values the user does not give come from the record's {@code DEFAULTS},
 * or from {@code PAPER} of a technique that the recipe names.
 */
public final class RecipeReader {
  private RecipeReader() {}

  /**
   * The record that {@code recipe} describes: its keys and then {@code settings} laid over the
   * record's {@code DEFAULTS} or {@code PAPER}.
   *
   * @throws io.batchwright.data.failure.BatchwrightException with exit code 2, listing every
   *     problem with file, line, key, value and legal range
   */
  public static <T extends Record> Resolved<T> read(
      Class<T> type, Recipe recipe, List<Setting> settings) {
    Problems problems = new Problems();
    GivenTree parser = new GivenTree(problems);
    Given root = parser.parse(recipe);
    parser.overlay(root, settings);
    Binder binder = new Binder(problems);
    Object config = binder.bindRoot(type, root);
    problems.raise();
    return new Resolved<>(type.cast(config), binder.values(), binder.warnings());
  }
}
