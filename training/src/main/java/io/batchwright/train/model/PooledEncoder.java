package io.batchwright.train.model;

import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import java.util.List;

/** A transformer whose token states become one unit-length vector a text. */
record PooledEncoder(BertEncoder encoder, Pooling pooling) implements ModelInstance {
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
    return encoder.encodeUnit(graph, batch, pooling, pass); // [B, D]
  }
}
