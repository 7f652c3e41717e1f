package io.batchwright.jobs.pipeline;

import io.batchwright.data.corpus.CorpusSource;
import io.batchwright.data.corpus.Normalize;
import io.batchwright.data.filter.Filter;
import io.batchwright.data.filter.MinimumLength;
import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.List;

/**
 * What is read and which documents are fit to go on.
 *
 * @param sources what is read, in order
 * @param normalize what every text becomes before anything compares it
 * @param filters which documents are dropped, each with its reason
 * @param maximumQuarantineShare the share of input records that may be unusable, in [0, 1]; above
 *     it the run fails with exit code 3
 */
public record CorpusRecipe(
    List<CorpusSource> sources,
    Normalize normalize,
    List<Filter> filters,
    double maximumQuarantineShare)
    implements Serializable {
  /** No source yet, NFC, and documents of at least 20 characters. */
  public static final CorpusRecipe DEFAULTS =
      new CorpusRecipe(
          List.of(), Normalize.DEFAULTS, List.of(new MinimumLength(20, "characters")), 0.01);

  public CorpusRecipe {
    sources = List.copyOf(sources);
    filters = List.copyOf(filters);
    Check.range("CorpusRecipe.maximumQuarantineShare", maximumQuarantineShare, 0, true, 1, true);
  }

  /** This recipe with other sources. */
  CorpusRecipe withSources(List<CorpusSource> others) {
    return new CorpusRecipe(others, normalize, filters, maximumQuarantineShare);
  }
}
