package io.batchwright.train.rank;

import io.batchwright.technique.Check;
import io.batchwright.train.checkpoint.Provenance;
import io.batchwright.train.language.Vocabulary;
import java.io.Serializable;

/**
 * One training run: the recipe, and what it works on.
 *
 * @param recipe how to train
 * @param shards folder that holds the shards of each epoch
 * @param validation folder that holds the shards of the validation batches, or empty for none
 * @param directory the run's output folder, DIR; all ranks that write must reach it
 * @param untilEpoch where this call ends, at least 1: the number of epochs whose shards exist;
 *     later ones count for the schedule as if they had as many steps as the last of these
 * @param maximumSteps steps of all epochs at most, which the schedule ends with; 0: no limit
 * @param memoryBank whether ranks keep the vectors that queries have in each step, see {@link
 *     io.batchwright.train.checkpoint.MemoryBank}
 * @param vocabulary of the tokens
 * @param provenance what checkpoints say about their origin
 * @param runKey 256-bit key by which ranks recognise each other, see {@link RunKey#draw}
 */
public record TrainSpec(
    TrainRecipe recipe,
    String shards,
    String validation,
    String directory,
    int untilEpoch,
    long maximumSteps,
    boolean memoryBank,
    Vocabulary vocabulary,
    Provenance provenance,
    byte[] runKey)
    implements Serializable {

  /** A run to the end of the last epoch. */
  public TrainSpec(
      TrainRecipe recipe,
      String shards,
      String validation,
      String directory,
      Vocabulary vocabulary,
      Provenance provenance,
      byte[] runKey) {
    this(
        recipe,
        shards,
        validation,
        directory,
        recipe.epochs(),
        0,
        false,
        vocabulary,
        provenance,
        runKey);
  }

  public TrainSpec {
    Check.range("TrainSpec.untilEpoch", untilEpoch, 1, true, recipe.epochs(), true);
    Check.notBlank("TrainSpec.shards", shards);
    Check.notBlank("TrainSpec.directory", directory);
    Check.that(runKey.length == RunKey.BYTES, "TrainSpec.runKey", "must have 32 bytes");
  }

  /** The part of this run that ends where the epoch {@code until} would begin. */
  public TrainSpec until(int until, long maximum) {
    return new TrainSpec(
        recipe,
        shards,
        validation,
        directory,
        until,
        maximum,
        memoryBank,
        vocabulary,
        provenance,
        runKey);
  }

  /** This run with a memory bank. */
  public TrainSpec withMemoryBank() {
    return new TrainSpec(
        recipe,
        shards,
        validation,
        directory,
        untilEpoch,
        maximumSteps,
        true,
        vocabulary,
        provenance,
        runKey);
  }

  @Override
  public String toString() {
    return "run %s on %d ranks in %s".formatted(provenance.runId(), recipe.ranks(), directory);
  }
}
