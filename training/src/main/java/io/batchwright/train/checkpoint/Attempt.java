package io.batchwright.train.checkpoint;

import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.Comparator;

/**
 * One try at the training stage. A later one has a higher launch, or the same launch and a higher
 * stage attempt.
 *
 * @param launch counts the times the job was started on this folder, from 0
 * @param stage Spark's attempt number of the stage within that launch, from 0
 */
public record Attempt(int launch, int stage) implements Comparable<Attempt>, Serializable {
  public Attempt {
    Check.atLeast("Attempt.launch", launch, 0);
    Check.atLeast("Attempt.stage", stage, 0);
  }

  @Override
  public int compareTo(Attempt other) {
    return Comparator.comparingInt(Attempt::launch)
        .thenComparingInt(Attempt::stage)
        .compare(this, other);
  }

  /** As in {@code 0002-0001}; the name of its claim. */
  @Override
  public String toString() {
    return "%04d-%04d".formatted(launch, stage);
  }

  static Attempt parse(String name) {
    int dash = name.indexOf('-');
    return new Attempt(
        Integer.parseInt(name.substring(0, dash)), Integer.parseInt(name.substring(dash + 1)));
  }
}
