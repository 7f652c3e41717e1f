package io.batchwright.data.split;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.Column;

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
 * @param validationShare share of training groups (classes), or of a language model's documents,
 *     set aside for validation, in [0, 1)
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

  private static final long GRAIN = 1_000_000;

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

  /**
   * Splits the documents of {@code input} for a language model, whose queries are not looked at:
   * {@code validationShare} of the documents is set aside, by hash, with their near-duplicates.
   */
  public DocumentSplit ofDocuments(SplitInput input) {
    return DocumentSplit.of(this, input);
  }

  /** True for {@code share} of the groups; each {@code purpose} draws on its own. */
  Column drawn(String purpose, Column group, double share) {
    Column draw = pmod(xxhash64(lit(seed), lit(purpose), group), lit(GRAIN));
    return draw.lt(Math.round(share * GRAIN));
  }

  /** Splits {@code input}; the leak check runs now, the tables are computed when read. */
  public Split apply(SplitInput input) {
    return new SplitRun(this, input).run();
  }
}
