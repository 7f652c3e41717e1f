package io.batchwright.jobs.pipeline;

import io.batchwright.data.token.Tokenizer;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.checkpoint.Weights;
import io.batchwright.train.export.StaticEmbeddingWeights;
import io.batchwright.train.export.StaticEncoder;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.rank.BarrierTraining;
import java.io.IOException;
import org.apache.hadoop.fs.Path;

/** The encoders that an evaluation compares; all share the run's tokenizer. */
record Encoders(StageContext context, PipelineRecipe recipe, Tokenizer tokenizer) {

  StaticEncoder trained() throws IOException {
    return of(context.dir());
  }

  StaticEncoder shuffled() throws IOException {
    return of(ControlStage.directory(context.dir()));
  }

  /**
   * The encoder as it was before the first step: the same stream of initial values as training
   * draws.
   */
  StaticEncoder untrained(Backend backend) {
    int vocabulary = vocabularySize();
    try (Arena arena = backend.arena("untrained")) {
      RandomStream random = BarrierTraining.initialValues(recipe.seed());
      Parameter table =
          recipe.train().model().build(vocabulary, backend, arena, random).parameters().get(0);
      return encoder(vocabulary, table.value().shape().dim(1), table.value().toFloats());
    }
  }

  private StaticEncoder of(Path directory) throws IOException {
    Weights table =
        ModelFolder.table(
            BarrierTraining.finalWeights(
                directory.toString(), context.spark().sessionState().newHadoopConf()));
    return encoder(table.dims()[0], table.dims()[1], table.values());
  }

  private StaticEncoder encoder(int vocabulary, int dims, float[] table) {
    return StaticEncoder.of(tokenizer, new StaticEmbeddingWeights(vocabulary, dims, table).rows());
  }

  private int vocabularySize() {
    return ModelFolder.table(finalWeights()).dims()[0];
  }

  private java.util.List<Weights> finalWeights() {
    try {
      return BarrierTraining.finalWeights(
          context.dir().toString(), context.spark().sessionState().newHadoopConf());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
