package io.batchwright.jobs.run;

/**
 * A command-line flag of one job: a short way to set a recipe key.
 *
 * @param name such as {@code --model}; a positional argument has a name without dashes
 * @param key the recipe key it sets, such as {@code encoder.model}
 * @param description one line for {@code --help}
 */
public record Flag(String name, String key, String description) {
  /** Whether this is an argument without a name. */
  public boolean positional() {
    return !name.startsWith("-");
  }
}
