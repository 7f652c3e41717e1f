package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.lit;

import io.batchwright.data.negative.JudgedCandidates;
import io.batchwright.data.negative.NegativeSelection;
import io.batchwright.data.negative.PairScores;
import io.batchwright.data.search.ExactSearch;
import io.batchwright.data.search.NeighbourSearch;
import io.batchwright.data.search.Similarity;
import io.batchwright.jobs.run.StageContext;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Mines the training queries of a run in its training documents by given vectors, as {@code mine}
 * does, while the run goes on.
 *
 * @param candidates kept of each query, at least 1; more are kept where {@code selection} looks at
 *     more
 * @param selection from candidates to negatives
 * @param seed of random choices
 */
public record NegativesRefresh(int candidates, NegativeSelection selection, long seed) {
  private static final int MEGABYTES = 128;

  /**
   * The negatives by cosine.
   *
   * @param context of the run, which has been split
   * @param embeddings {@code kind, id, embedding} of its training queries and documents
   * @return {@link io.batchwright.data.Tables#CANDIDATES}
   */
  public Dataset<Row> negatives(StageContext context, Dataset<Row> embeddings) {
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
    Dataset<Row> found =
        new NeighbourSearch(kept, Similarity.COSINE, new ExactSearch(1024, 4096, false), MEGABYTES)
            .search(stored.queries(), stored.documents())
            .withColumn("miner", lit("NeighbourSearch"));
    Dataset<Row> positives =
        PairScores.of(answered, stored.queries(), stored.documents(), Similarity.COSINE);
    Dataset<Row> judged =
        new JudgedCandidates(
                texts.queries(), texts.documents(), texts.qrels(), positives, Optional.empty())
            .of(found);
    return NegativeSelection.negatives(selection.decide(judged, most, seed));
  }
}
