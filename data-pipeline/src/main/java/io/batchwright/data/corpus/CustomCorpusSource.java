package io.batchwright.data.corpus;

import java.util.List;

/** A source from outside Batchwright, named in a recipe by its class. */
public non-sealed interface CustomCorpusSource extends CorpusSource {
  @Override
  default List<String> paths() {
    return List.of();
  }
}
