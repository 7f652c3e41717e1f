package io.batchwright.jobs.mine;

import io.batchwright.data.negative.NegativeSelection;
import io.batchwright.data.search.Similarity;
import io.batchwright.jobs.run.JobConfig;
import io.batchwright.jobs.run.RunSettings;
import io.batchwright.technique.Check;

/**
 * Negatives to mine.
 *
 * @param run where and how to run
 * @param seed of random choices
 * @param input the folder of a run, whose training queries are mined in its training documents; or
 *     files with queries and documents: a BEIR folder, JSON lines, Parquet
 * @param embeddings the folder of a run of {@code encode} on the same input, or Parquet files with
 *     {@code kind} (query or document), {@code id} and {@code embedding}; with {@code
 *     documentEmbeddings}, files with the {@code id} and {@code embedding} of queries
 * @param documentEmbeddings Parquet files with {@code id} and {@code embedding} of documents; empty
 *     where {@code embeddings} holds both
 * @param candidatesFrom the folder of an earlier {@code mine} of the same input, whose candidates
 *     are selected from again, without a search; {@code embeddings} is then not needed
 * @param guide vectors of another model, as {@code embeddings}, or a model folder, which then
 *     encodes the texts; empty for none
 * @param guideScores Parquet files with {@code query_id, doc_id, score} of a cross-encoder, for
 *     candidates and positives, or the folder of another run of {@code mine} that had a guide;
 *     empty for none
 * @param rescore scores as {@code guideScores}, of every candidate and positive, that stand in the
 *     place of the miner's: filters and ranks go by them; empty for none
 * @param bm25 as a miner in place of embeddings, or as a guide
 * @param similarity how the embeddings are compared
 * @param lists whether the search is approximate, and how
 * @param candidates kept of each query, at least 1; more are kept where {@code selection} looks at
 *     more
 * @param selection from candidates to negatives
 * @param examples rows to read in mined.md, at least 0
 * @param maximumQuarantineShare the share of input records that may be unusable, in [0, 1]
 */
public record MineRecipe(
    RunSettings run,
    long seed,
    String input,
    String embeddings,
    String documentEmbeddings,
    String candidatesFrom,
    String guide,
    String guideScores,
    String rescore,
    Bm25Recipe bm25,
    Similarity similarity,
    ListsRecipe lists,
    int candidates,
    NegativeSelection selection,
    int examples,
    double maximumQuarantineShare)
    implements JobConfig {
  /** 200 candidates by the cosine, and NV-Retriever's selection. */
  public static final MineRecipe DEFAULTS =
      new MineRecipe(
          RunSettings.DEFAULTS,
          17,
          "",
          "",
          "",
          "",
          "",
          "",
          "",
          Bm25Recipe.DEFAULTS,
          Similarity.COSINE,
          ListsRecipe.DEFAULTS,
          200,
          NegativeSelection.DEFAULTS,
          50,
          0.01);

  /** Checks the ranges. */
  public MineRecipe {
    Check.atLeast("MineRecipe.candidates", candidates, 1);
    Check.atLeast("MineRecipe.examples", examples, 0);
    Check.range("MineRecipe.maximumQuarantineShare", maximumQuarantineShare, 0, true, 1, true);
    Check.that(
        embeddings.isEmpty() || candidatesFrom.isEmpty(),
        "MineRecipe.candidatesFrom",
        "must be empty where embeddings are given");
    Check.that(
        guide.isEmpty() || guideScores.isEmpty(),
        "MineRecipe.guideScores",
        "must be empty where guide is given");
    Check.that(
        bm25.use() != Bm25Use.MINER || (embeddings.isEmpty() && candidatesFrom.isEmpty()),
        "MineRecipe.bm25.use",
        "must not be miner where embeddings or candidatesFrom are given");
    Check.that(
        bm25.use() != Bm25Use.GUIDE || (guide.isEmpty() && guideScores.isEmpty()),
        "MineRecipe.bm25.use",
        "must not be guide where guide or guideScores are given");
  }

  /**
   * How many candidates of each query are kept.
   *
   * @param mostPositives the largest number of positives of a query's text
   */
  int kept(int mostPositives) {
    return Math.max(candidates, selection.candidates(mostPositives));
  }
}
