package io.batchwright.data.split;

import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.List;

/**
 * The recipe of the split: whole sources, or a share of the groups, are held out for evaluation,
 * and a share of the remaining groups is set aside for validation.
 *
 * <p>Held out with a query are the documents that answer it and every document of their
 * near-duplicate clusters; a training query that they answer too is excluded ({@code
 * document_in_held_out}). Queries that the corpus itself marks as held out, as {@link
 * io.batchwright.data.corpus.BeirFolder} does, leave their documents in training: that is the
 * protocol of such collections, in which only the queries are unseen.
 *
 * @param heldOut sources whose queries are never trained on
 * @param heldOutShare share of the other sources' groups that is held out too, in [0, 1); drawn by
 *     hash of the group, for a corpus of one source
 * @param validationShare share of training groups (classes) set aside for validation, in [0, 1)
 * @param leakCheck how near-duplicates across the split are looked for
 * @param seed chooses the groups
 */
public record HeldOutSplit(
    List<String> heldOut,
    double heldOutShare,
    double validationShare,
    LeakCheck leakCheck,
    long seed)
    implements Serializable {
  /** Nothing held out, 2 % for validation: a recipe names its sources. */
  public static final HeldOutSplit DEFAULTS =
      new HeldOutSplit(List.of(), 0, 0.02, LeakCheck.DEFAULTS, 1);

  public HeldOutSplit {
    heldOut = List.copyOf(heldOut);
    Check.range("HeldOutSplit.heldOutShare", heldOutShare, 0, true, 1, false);
    Check.range("HeldOutSplit.validationShare", validationShare, 0, true, 1, false);
    Check.that(leakCheck != null, "HeldOutSplit.leakCheck", "must be given");
  }

  /** Whether the recipe itself holds anything out. */
  public boolean holdsOut() {
    return !heldOut.isEmpty() || heldOutShare > 0;
  }

  /** Splits {@code input}; the leak check runs now, the tables are computed when read. */
  public Split apply(SplitInput input) {
    return new SplitRun(this, input).run();
  }
}
