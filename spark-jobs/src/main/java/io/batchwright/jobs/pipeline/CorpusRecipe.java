package io.batchwright.jobs.pipeline;

import io.batchwright.data.corpus.CorpusSource;
import io.batchwright.data.corpus.Normalize;
import io.batchwright.data.filter.Filter;
import io.batchwright.data.filter.MinimumLength;
import io.batchwright.jobs.javadoc.JavadocSource;
import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * What is read and which documents are fit to go on.
 *
 * @param javadoc the documentation corpus, or empty for none
 * @param sources what else is read, in order
 * @param normalize what every text becomes before anything compares it
 * @param filters which documents are dropped, each with its reason
 * @param maximumQuarantineShare the share of input records that may be unusable, in [0, 1]; above it the run fails with
 *     exit code 3
 */
public record CorpusRecipe(
    Optional<JavadocSource> javadoc,
    List<CorpusSource> sources,
    Normalize normalize,
    List<Filter> filters,
    double maximumQuarantineShare)
    implements Serializable {
  /** No source, NFC, and documents of at least 20 characters. */
  public static final CorpusRecipe DEFAULTS =
      new CorpusRecipe(
          Optional.empty(), List.of(), Normalize.DEFAULTS, List.of(MinimumLength.PAPER), 0.01);

  public CorpusRecipe {
    sources = List.copyOf(sources);
    filters = List.copyOf(filters);
    Check.range("CorpusRecipe.maximumQuarantineShare", maximumQuarantineShare, 0, true, 1, true);
  }
}
