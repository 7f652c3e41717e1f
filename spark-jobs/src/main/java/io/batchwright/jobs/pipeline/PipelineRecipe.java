package io.batchwright.jobs.pipeline;

import io.batchwright.data.batch.EpochRange;
import io.batchwright.data.corpus.CorpusSource;
import io.batchwright.data.dedup.Deduplicate;
import io.batchwright.data.split.HeldOutSplit;
import io.batchwright.jobs.run.JobConfig;
import io.batchwright.jobs.run.RunSettings;
import io.batchwright.jobs.track.MlFlow;
import io.batchwright.jobs.track.SparkMetrics;
import io.batchwright.jobs.track.TensorBoard;
import io.batchwright.jobs.track.Tracker;
import io.batchwright.jobs.track.TrainingTab;
import io.batchwright.train.rank.TrainRecipe;
import java.util.List;

/**
 * A whole run, from sources to a measured model. Each section is what its stage needs and nothing
 * else.
 *
 * @param run where and how to run
 * @param seed the seed of every random draw
 * @param corpus what is read
 * @param deduplicate which copies go
 * @param stopLoss how much may go before the run ends without publishing anything
 * @param index earlier snapshots to deduplicate against
 * @param estimate whether deduplication is only estimated
 * @param split what is held out
 * @param tokens how texts become tokens
 * @param batches how samples become batches
 * @param train what is trained and how
 * @param evaluate what it is measured against
 * @param track where training is seen while it happens; it plays no part in what a run computes
 */
public record PipelineRecipe(
    RunSettings run,
    long seed,
    CorpusRecipe corpus,
    Deduplicate deduplicate,
    StopLoss stopLoss,
    IndexRecipe index,
    EstimateRecipe estimate,
    HeldOutSplit split,
    TokensRecipe tokens,
    BatchesRecipe batches,
    TrainRecipe train,
    EvaluateRecipe evaluate,
    List<Tracker> track)
    implements JobConfig {
  /** What holds for sections that a recipe leaves out. */
  public static final PipelineRecipe DEFAULTS =
      new PipelineRecipe(
          RunSettings.DEFAULTS,
          17,
          CorpusRecipe.DEFAULTS,
          Deduplicate.DEFAULTS,
          StopLoss.DEFAULTS,
          IndexRecipe.DEFAULTS,
          EstimateRecipe.DEFAULTS,
          HeldOutSplit.DEFAULTS,
          TokensRecipe.DEFAULTS,
          BatchesRecipe.DEFAULTS,
          TrainRecipe.DEFAULTS,
          EvaluateRecipe.DEFAULTS,
          List.of(
              TensorBoard.DEFAULTS, SparkMetrics.DEFAULTS, TrainingTab.DEFAULTS, MlFlow.DEFAULTS));

  public PipelineRecipe {
    track = List.copyOf(track);
    new LanguageSettings(train.objective(), split, tokens, batches, evaluate).require();
  }

  /** This recipe with other sources. */
  PipelineRecipe withSources(List<CorpusSource> sources) {
    return new PipelineRecipe(
        run,
        seed,
        corpus.withSources(sources),
        deduplicate,
        stopLoss,
        index,
        estimate,
        split,
        tokens,
        batches,
        train,
        evaluate,
        track);
  }

  /** This recipe with another number of epochs. */
  PipelineRecipe withEpochs(int epochs) {
    return new PipelineRecipe(
        run,
        seed,
        corpus,
        deduplicate,
        stopLoss,
        index,
        estimate,
        split,
        tokens,
        batches,
        train.withEpochs(epochs),
        evaluate,
        track);
  }

  /** This recipe for one snapshot of a backfill. */
  PipelineRecipe of(String snapshot, RunSettings settings) {
    return new PipelineRecipe(
        settings,
        seed,
        corpus,
        deduplicate,
        stopLoss,
        index.only(snapshot),
        estimate,
        split,
        tokens,
        batches,
        train,
        evaluate,
        track);
  }

  /** This recipe with the snapshot's name in the paths and queries of its sources. */
  PipelineRecipe atSnapshot() {
    return index.snapshot().isEmpty()
        ? this
        : withSources(Placeholders.replace(corpus.sources(), index.snapshot()));
  }

  /** Whether some queries are never trained on, so that there is something to evaluate. */
  public boolean holdsOut() {
    return split.holdsOut() || corpus.sources().stream().anyMatch(CorpusSource::holdsOut);
  }

  /**
   * Whether the model is trained a second time on shuffled pairs; not where batches follow the
   * model, since they would follow another one.
   */
  boolean controlled() {
    return !languageModel() && evaluate.shuffled() && holdsOut() && !batches.refresh().on();
  }

  /** Whether a language model is trained, on documents, and not an encoder on pairs. */
  boolean languageModel() {
    return train.objective().onTokens();
  }

  /**
   * The epochs from {@code from} to before {@code to}, as far as the recipe's steps go.
   *
   * @param before steps of the epochs before {@code from}
   */
  EpochRange epochs(int from, int to, long before) {
    int maximum = batches.maximumSteps();
    return new EpochRange(seed, from, to, maximum == 0 ? EpochRange.ALL : maximum - before);
  }

  /** Shard lanes: as many as ranks where the recipe leaves it open. */
  public int lanes() {
    return batches.lanes() == 0 ? train.ranks() : batches.lanes();
  }
}
