/**
 * What is trained on and what is measured on, and the proof that neither leaks into the other.
 *
 * <p>Reading order: {@link io.batchwright.data.split.HeldOutSplit} (the recipe), {@link
 * io.batchwright.data.split.SplitInput}, {@link io.batchwright.data.split.Split} (the result),
 * {@link io.batchwright.data.split.LeakCheck}, {@link io.batchwright.data.split.LeakReport}; {@link
 * io.batchwright.data.split.DocumentSplit} for language models.
 *
 * <p>A query is excluded for the first of these reasons that applies:
 *
 * <ol>
 *   <li>{@code no_document}: none of its documents survived
 *   <li>{@code cross_split_cluster}: a document of its has near-duplicates on both sides
 *   <li>{@code leak_check}: a training query's document is near to a held-out one
 *   <li>{@code query_in_held_out}: a training query reads like a held-out one
 *   <li>{@code query_in_validation}, {@code document_in_validation}: training shares it with
 *       validation
 *   <li>{@code merged_pair}: another query of the same text has its documents
 * </ol>
 *
 * <p>Decisions. The leak check is exact, not LSH. Evaluation queries of one text are one query, and
 * every document of that text is relevant to it.
 */
package io.batchwright.data.split;
