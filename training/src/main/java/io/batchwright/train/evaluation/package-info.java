/**
 * Says how good a retriever is, and how sure that is. Pure Java on rankings in memory.
 *
 * <p>In reading order: {@link io.batchwright.train.evaluation.RetrievalEvaluation} runs {@link
 * io.batchwright.train.evaluation.RankingSystem}s over a {@link
 * io.batchwright.train.evaluation.RetrievalTask} and returns an {@link
 * io.batchwright.train.evaluation.EvaluationResult}. {@link
 * io.batchwright.train.evaluation.Rankings} and {@link io.batchwright.train.evaluation.Qrels} go
 * into an {@link io.batchwright.train.evaluation.Evaluator} of {@link
 * io.batchwright.train.evaluation.Metric}s; {@link io.batchwright.train.evaluation.PairedBootstrap}
 * gives the intervals. {@link io.batchwright.train.evaluation.Bm25Index} is the baseline, {@link
 * io.batchwright.train.evaluation.ReciprocalRankFusion} the hybrid, {@link
 * io.batchwright.train.evaluation.TrecRun} and {@link io.batchwright.train.evaluation.TrecQrels}
 * the files other tools read.
 *
 * <p>A new metric is one record that implements {@code Metric} and stands in its {@code permits}.
 *
 * <p>Decisions: definitions follow trec_eval, ties included, so that its figures on our run files
 * equal ours. Intervals resample groups (such as classes), not queries. BM25's parameters and
 * statistics come from training documents only.
 */
package io.batchwright.train.evaluation;
