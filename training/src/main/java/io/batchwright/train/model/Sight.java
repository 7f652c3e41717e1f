package io.batchwright.train.model;

/** What the state of a token knows of its text, and so what it can be asked to name. */
public enum Sight {
  /** Tokens have no states: the model gives one vector a text. */
  NONE("no token states"),
  /** The whole text, so a token must be hidden to be asked for. */
  BOTH_SIDES("states that see both sides"),
  /** The token and those before it, so the next one can be asked for. */
  BEFORE("states that see what stands before");

  private final String words;

  Sight(String words) {
    this.words = words;
  }

  @Override
  public String toString() {
    return words;
  }
}
