package io.batchwright.jobs.pipeline;

import io.batchwright.data.token.SpecialTokens;
import io.batchwright.data.token.Tokenizer;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.checkpoint.Weights;
import io.batchwright.train.evaluation.RetrievalEvaluation;
import io.batchwright.train.export.Encoder;
import io.batchwright.train.export.ModelEncoder;
import io.batchwright.train.export.StaticEmbeddingWeights;
import io.batchwright.train.export.StaticEncoder;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.Model;
import io.batchwright.train.model.ModelInstance;
import io.batchwright.train.model.StaticEmbedding;
import io.batchwright.train.rank.BarrierTraining;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;

/** The encoders that an evaluation compares; all share the run's tokenizer. */
record Encoders(StageContext context, PipelineRecipe recipe, Tokenizer tokenizer, int vocabulary) {

  /**
   * By name and in order: the trained one, and those that the recipe asks for beside it.
   *
   * @param weights holds their parameters, and must outlive them
   */
  Map<String, Encoder> compared(Backend backend, Arena weights) throws IOException {
    Map<String, Encoder> encoders = new LinkedHashMap<>();
    encoders.put(RetrievalEvaluation.MODEL, trained(context.dir(), backend, weights));
    if (recipe.evaluate().untrained()) {
      encoders.put(
          "untrained", encoder(model(new ParameterSpace(backend, weights, DType.F32)), backend));
    }
    if (recipe.controlled()) {
      encoders.put("shuffled", trained(ControlStage.directory(context.dir()), backend, weights));
    }
    return encoders;
  }

  /** The model before the first step: the same stream of initial values as training draws. */
  private ModelInstance model(ParameterSpace space) {
    RandomStream random = BarrierTraining.initialValues(recipe.seed());
    return recipe.train().model().build(vocabulary, space, random);
  }

  private Encoder trained(Path directory, Backend backend, Arena arena) throws IOException {
    Map<String, Weights> trained =
        BarrierTraining.finalWeights(
                directory.toString(), context.spark().sessionState().newHadoopConf())
            .stream()
            .collect(Collectors.toMap(Weights::name, Function.identity()));
    ModelInstance model = model(new ParameterSpace(backend, arena, DType.F32).undrawn());
    for (Parameter parameter : model.parameters()) {
      parameter.storage().copyFrom(trained.get(parameter.name()).values());
    }
    return encoder(model, backend);
  }

  private Encoder encoder(ModelInstance instance, Backend backend) {
    Model model = recipe.train().model();
    if (model instanceof StaticEmbedding) {
      Parameter table = instance.parameters().get(0);
      return StaticEncoder.of(
          tokenizer,
          new StaticEmbeddingWeights(vocabulary, instance.dims(), table.value().toFloats()).rows(),
          Prompts.of(recipe).named());
    }
    return ModelEncoder.of(
        instance,
        backend,
        new ModelEncoder.Tokenization(
            tokenizer,
            model.specialTokens() ? tokenizer.specialTokens() : SpecialTokens.NONE,
            Math.min(recipe.tokens().tokenize().maxTokens(), model.longestText()),
            Prompts.of(recipe).named()));
  }
}
