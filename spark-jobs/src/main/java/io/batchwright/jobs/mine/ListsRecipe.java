package io.batchwright.jobs.mine;

import io.batchwright.technique.Check;
import java.io.Serializable;

/**
 * An approximate search for corpora that an exact one takes too long for.
 *
 * @param count clusters of documents, of which a query looks into some; 0: the search is exact
 * @param probes clusters that a query looks into, at least 1
 * @param recallQueries queries for which the exact search is run too, to say what was missed; at
 *     least 1
 */
public record ListsRecipe(int count, int probes, int recallQueries) implements Serializable {
  /** An exact search; where it is not, 16 probes, measured on 200 queries. */
  public static final ListsRecipe DEFAULTS = new ListsRecipe(0, 16, 200);

  /** Checks the ranges. */
  public ListsRecipe {
    Check.atLeast("ListsRecipe.count", count, 0);
    Check.atLeast("ListsRecipe.probes", probes, 1);
    Check.atLeast("ListsRecipe.recallQueries", recallQueries, 1);
  }
}
