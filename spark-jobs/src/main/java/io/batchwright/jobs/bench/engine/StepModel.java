package io.batchwright.jobs.bench.engine;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.BertConfig;
import io.batchwright.train.model.BertEncoder;
import io.batchwright.train.model.ForwardPass;
import io.batchwright.train.model.ModelInstance;
import io.batchwright.train.model.Pooling;
import io.batchwright.train.model.StaticEmbedding;
import io.batchwright.train.model.TextBatch;
import java.util.List;

/** The model of a {@link StepShape}: without types of tokens and dropout, mean pooling. */
record StepModel(BertEncoder encoder) implements ModelInstance {
  /** A model whose parameters are in {@code run}, with the same initial values at each call. */
  static ModelInstance of(StepShape shape, Backend backend, Arena run) {
    if (shape.layers() == 0) {
      return new StaticEmbedding(shape.dims(), 0.02)
          .build(shape.vocabulary(), backend, run, RandomStream.of(1, "table", 0, 0));
    }
    return new StepModel(
        new BertEncoder(config(shape), new ParameterSpace(backend, run, DType.F32), 1));
  }

  private static BertConfig config(StepShape shape) {
    return new BertConfig(
        shape.vocabulary(),
        shape.dims(),
        shape.layers(),
        shape.heads(),
        shape.feedForward(),
        512,
        0,
        0,
        0,
        1e-12,
        0.02);
  }

  @Override
  public List<Parameter> parameters() {
    return encoder.parameters();
  }

  @Override
  public int dims() {
    return encoder.config().dims();
  }

  @Override
  public Variable encode(Graph graph, TextBatch batch, ForwardPass pass) {
    return encoder.encodeUnit(graph, batch, Pooling.MEAN, pass);
  }
}
