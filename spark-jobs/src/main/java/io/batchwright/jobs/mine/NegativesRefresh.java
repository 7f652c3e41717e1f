package io.batchwright.jobs.mine;

import io.batchwright.data.negative.JudgedCandidates;
import io.batchwright.data.negative.NearestNegatives;
import io.batchwright.data.negative.NegativeSelection;
import io.batchwright.data.negative.PairScores;
import io.batchwright.data.search.Similarity;
import io.batchwright.jobs.run.StageContext;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Mines the training queries of a run in its training documents by given vectors, as {@code mine}
 * does, while the run goes on.
 *
 * @param candidates looked at of each query at the most, at least 1; more where {@code selection}
 *     looks at more
 * @param selection from candidates to negatives
 * @param seed of random choices
 */
public record NegativesRefresh(int candidates, NegativeSelection selection, long seed) {
  /**
   * Commits the negatives by cosine, {@link io.batchwright.data.Tables#CANDIDATES}.
   *
   * @param context of the run, which has been split
   * @param table to commit
   * @param embeddings {@code kind, id, embedding} of its training queries and documents
   * @return what was committed
   */
  public Dataset<Row> commit(StageContext context, String table, Dataset<Row> embeddings) {
    MinedTexts texts =
        MinedTexts.of(
            context.read("queries"),
            context.read("documents"),
            context.read("qrels"),
            Optional.of(context.read("document_splits")));
    Dataset<Row> answered = texts.positives();
    int most = JudgedCandidates.mostPositives(texts.queries(), answered);
    int kept = Math.max(candidates, selection.candidates(most));
    StoredEmbeddings stored =
        StoredEmbeddings.of(
            "refreshed embeddings",
            embeddings,
            new StoredEmbeddings.Texts(answered.select("query_id").distinct(), texts.trainable()));
    Dataset<Row> positives =
        PairScores.of(answered, stored.queries(), stored.documents(), Similarity.COSINE);
    JudgedCandidates judged =
        new JudgedCandidates(
            texts.queries(), texts.documents(), texts.qrels(), positives, Optional.empty());
    return new NearestNegatives(selection, most, kept, seed)
        .of(
            stored.queries(),
            stored.documents(),
            judged::of,
            negatives -> context.commit(table, negatives));
  }
}
