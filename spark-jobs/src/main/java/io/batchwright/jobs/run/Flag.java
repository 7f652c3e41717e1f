package io.batchwright.jobs.run;

/**
 * A command-line flag of one job: a short way to set a recipe key.
 *
 * @param name such as {@code --model}; a positional argument has a name without dashes
 * @param key the recipe key it sets, such as {@code encoder.model}
 * @param description one line for {@code --help}
 * @param whenGiven the value that the flag alone means; empty for a flag that takes one
 */
public record Flag(String name, String key, String description, String whenGiven) {
  /** A flag that takes a value. */
  public Flag(String name, String key, String description) {
    this(name, key, description, "");
  }

  /** Whether this is an argument without a name. */
  public boolean positional() {
    return !name.startsWith("-");
  }
}
