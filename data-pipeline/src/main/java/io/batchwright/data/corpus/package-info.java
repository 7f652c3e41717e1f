/**
 * What a corpus is read from, and what reading makes.
 *
 * <p>Reading order: {@link io.batchwright.data.corpus.CorpusRows}, the one table that a source is
 * read into, and {@link io.batchwright.data.corpus.CorpusTables}, what stages take from it.
 */
package io.batchwright.data.corpus;
