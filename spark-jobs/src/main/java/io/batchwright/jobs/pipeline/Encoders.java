package io.batchwright.jobs.pipeline;

import io.batchwright.data.token.Tokenizer;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.checkpoint.Weights;
import io.batchwright.train.evaluation.RetrievalEvaluation;
import io.batchwright.train.export.StaticEmbeddingWeights;
import io.batchwright.train.export.StaticEncoder;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.rank.BarrierTraining;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/** The encoders that an evaluation compares; all share the run's tokenizer. */
record Encoders(StageContext context, PipelineRecipe recipe, Tokenizer tokenizer, int vocabulary) {

  /** By name and in order: the trained one, and those that the recipe asks for beside it. */
  Map<String, StaticEncoder> compared(Backend backend) throws IOException {
    Map<String, StaticEncoder> encoders = new LinkedHashMap<>();
    encoders.put(RetrievalEvaluation.MODEL, of(context.dir()));
    if (recipe.evaluate().untrained()) {
      encoders.put("untrained", untrained(backend));
    }
    if (recipe.evaluate().shuffled()) {
      encoders.put("shuffled", of(ControlStage.directory(context.dir())));
    }
    return encoders;
  }

  /**
   * The encoder as it was before the first step: the same stream of initial values as training
   * draws.
   */
  private StaticEncoder untrained(Backend backend) {
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
}
