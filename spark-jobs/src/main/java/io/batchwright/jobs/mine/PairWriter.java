package io.batchwright.jobs.mine;

import java.io.IOException;

/** Writes mined pairs in one layout. */
interface PairWriter {
  /** The file whose lines the trainer's examples are. */
  default String mainFile() {
    return "train.jsonl";
  }

  /** Whether {@link #document} is wanted. */
  default boolean wantsDocuments() {
    return false;
  }

  /** Called before anything else. */
  default void start(LineFiles files) throws IOException {}

  /** Called for each document that occurs in a pair, once, by id. */
  default void document(MinedPair.Text document, LineFiles files) throws IOException {}

  /**
   * Called for each query, by id.
   *
   * @return why the pair is left out, or empty
   */
  String pair(MinedPair pair, LineFiles files) throws IOException;
}
