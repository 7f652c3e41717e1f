/**
 * What a corpus is read from, and what reading makes.
 *
 * <p>Reading order: {@link io.batchwright.data.corpus.Corpus}, {@link
 * io.batchwright.data.corpus.CorpusSource} (the family of inputs), {@link
 * io.batchwright.data.corpus.CorpusRows} (the one table that sources are read into), {@link
 * io.batchwright.data.corpus.CorpusTables} (what stages take from it), {@link
 * io.batchwright.data.corpus.Normalize}.
 *
 * <p>Each source is read once: the stage commits the wide table of {@code CorpusRows}, in which
 * every input record is accounted for, and selects its tables from the committed copy. Rows of a
 * table the user brings stay in SQL, so that user columns keep their types; lines are read as
 * bytes, so that what is not UTF-8 is found and not repaired.
 *
 * <p>To add a format, write a record that implements {@code CorpusSource}: over {@code
 * DocumentRows} if its rows are documents, over {@code PairLines} if its lines are queries with
 * passages.
 */
package io.batchwright.data.corpus;
