package io.batchwright.jobs.config;

import java.util.List;

/** Reads a recipe into its record. */
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
    throw new UnsupportedOperationException(type + " " + recipe + " " + settings);
  }
}
