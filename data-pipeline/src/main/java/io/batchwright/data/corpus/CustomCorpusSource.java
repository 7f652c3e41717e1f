package io.batchwright.data.corpus;

/** A source from outside Batchwright, named in a recipe by its class. */
public non-sealed interface CustomCorpusSource extends CorpusSource {}
