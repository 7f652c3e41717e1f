/**
 * What the jobs that read a corpus share.
 *
 * <p>Reading order: {@link io.batchwright.jobs.corpus.CorpusPath} (what a path on the command line
 * stands for), {@link io.batchwright.jobs.corpus.ReadCorpus} (sources to committed tables), {@link
 * io.batchwright.jobs.corpus.CorpusTexts} (ids and texts in memory, without Spark).
 */
package io.batchwright.jobs.corpus;
