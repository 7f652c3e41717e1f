package io.batchwright.train.collective;

/**
 * What ranks do together, for messages and for the check that they do the same.
 *
 * @param kind which operation
 * @param subject what it works on, for people
 */
record Operation(Kind kind, String subject) {
  enum Kind {
    ALL_REDUCE("all-reduce"),
    ALL_GATHER("all-gather"),
    REDUCE_SCATTER("reduce-scatter"),
    BROADCAST("broadcast"),
    BARRIER("barrier"),
    ALL_TO_ALL("all-to-all"),
    SEND("send and receive");

    private final String title;

    Kind(String title) {
      this.title = title;
    }

    /** The title of the kind of that number, whatever a peer has sent. */
    static String title(long ordinal) {
      return ordinal >= 0 && ordinal < values().length
          ? values()[(int) ordinal].title
          : "something else";
    }
  }

  @Override
  public String toString() {
    return subject.isEmpty() ? kind.title : kind.title + " of " + subject;
  }
}
