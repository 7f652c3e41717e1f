package io.batchwright.ui;

/** What a stage says while it runs; thread-safe, and cheap enough to call often. */
public interface Progress {
  /** States how much there is to do, in {@code unit}s such as {@code rows} or {@code steps}. */
  void expect(long total, String unit);

  /** Adds {@code amount} to what is done. */
  void advance(long amount);

  /** States what is done since the start. */
  void reach(long done);

  /** A few words behind the bar, such as {@code loss 2.31}. */
  void note(String text);
}
