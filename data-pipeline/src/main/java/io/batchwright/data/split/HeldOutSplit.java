package io.batchwright.data.split;

import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.List;

/**
 * The recipe of the split: whole sources are held out for evaluation, and a share of the other
 * sources' groups for validation.
 *
 * @param heldOut sources whose queries are never trained on
 * @param validationShare share of training groups (classes) set aside for validation, in [0, 1)
 * @param leakCheck how near-duplicates across the split are looked for
 * @param seed chooses the validation groups
 */
public record HeldOutSplit(
    List<String> heldOut, double validationShare, LeakCheck leakCheck, long seed)
    implements Serializable {
  /** Nothing held out, 2 % for validation: a recipe names its sources. */
  public static final HeldOutSplit DEFAULTS =
      new HeldOutSplit(List.of(), 0.02, LeakCheck.DEFAULTS, 1);

  public HeldOutSplit {
    heldOut = List.copyOf(heldOut);
    Check.range("HeldOutSplit.validationShare", validationShare, 0, true, 1, false);
    Check.that(leakCheck != null, "HeldOutSplit.leakCheck", "must be given");
  }

  /** Splits {@code input}; the leak check runs now, the tables are computed when read. */
  public Split apply(SplitInput input) {
    return new SplitRun(this, input).run();
  }
}
