package io.batchwright.train.rank;

import io.batchwright.technique.Check;
import io.batchwright.train.checkpoint.Provenance;
import java.io.Serializable;

/**
 * One training run: the recipe, and what it works on.
 *
 * @param recipe how to train
 * @param shards folder that holds the shards of each epoch
 * @param validation folder that holds the shards of the validation batches, or empty for none
 * @param directory the run's output folder, DIR; all ranks that write must reach it
 * @param vocabularySize number of token ids, at least 1
 * @param provenance what checkpoints say about their origin
 * @param runKey 256-bit key by which ranks recognise each other, see {@link RunKey#draw}
 */
public record TrainSpec(
    TrainRecipe recipe,
    String shards,
    String validation,
    String directory,
    int vocabularySize,
    Provenance provenance,
    byte[] runKey)
    implements Serializable {

  public TrainSpec {
    Check.notBlank("TrainSpec.shards", shards);
    Check.notBlank("TrainSpec.directory", directory);
    Check.atLeast("TrainSpec.vocabularySize", vocabularySize, 1);
    Check.that(runKey.length == RunKey.BYTES, "TrainSpec.runKey", "must have 32 bytes");
  }

  @Override
  public String toString() {
    return "run %s on %d ranks in %s".formatted(provenance.runId(), recipe.ranks(), directory);
  }
}
