package io.batchwright.jobs.pipeline;

import io.batchwright.data.corpus.CorpusSource;
import java.util.ArrayList;
import java.util.List;

/** The files whose names, sizes and times identify a run's input. */
final class SourcePaths {
  private SourcePaths() {}

  static List<String> of(List<CorpusSource> sources) {
    List<String> paths = new ArrayList<>();
    for (CorpusSource source : sources) {
      paths.addAll(source.paths());
    }
    return paths;
  }
}
