package io.batchwright.jobs.bench.engine;

import static io.batchwright.jobs.bench.engine.OperationInputs.DIMS;
import static io.batchwright.jobs.bench.engine.OperationInputs.INNER;
import static io.batchwright.jobs.bench.engine.OperationInputs.LENGTH;
import static io.batchwright.jobs.bench.engine.OperationInputs.ROWS;
import static io.batchwright.jobs.bench.engine.OperationInputs.TEXTS;

import io.batchwright.kernel.Addend;
import io.batchwright.kernel.AttentionDropout;
import io.batchwright.kernel.AttentionForm;
import io.batchwright.kernel.AttentionGradients;
import io.batchwright.kernel.AttentionPass;
import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.loss.EmbeddingPairs;
import io.batchwright.train.loss.TiledCrossEntropy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a layer and a loss consist of. */
final class LayerOperations {
  private LayerOperations() {}

  static List<Operation> all(OperationInputs inputs) {
    List<Operation> all = new ArrayList<>();
    all.addAll(norms(inputs));
    all.addAll(products(inputs));
    all.addAll(attention(inputs));
    all.addAll(losses(inputs));
    return all;
  }

  private static List<Operation> norms(OperationInputs inputs) {
    Backend backend = inputs.backend();
    Tensor x = inputs.gaussian(ROWS, DIMS);
    Tensor y = inputs.gaussian(ROWS, DIMS);
    Tensor d = inputs.gaussian(ROWS, DIMS);
    Tensor out = inputs.zeros(ROWS, DIMS);
    Tensor sum = inputs.zeros(ROWS, DIMS);
    Tensor gain = inputs.gaussian(DIMS);
    Tensor bias = inputs.gaussian(DIMS);
    Tensor dGain = inputs.zeros(DIMS);
    Tensor dBias = inputs.zeros(DIMS);
    Tensor statistics = inputs.zeros(ROWS, 2);
    List<Addend> both = List.of(Addend.of(x), Addend.of(y));
    backend.layerNorm(x, gain, bias, 1e-12, statistics, out);
    return List.of(
        new Operation(
            "layer norm [4096, 384]",
            () -> backend.layerNorm(x, gain, bias, 1e-12, statistics, out)),
        new Operation(
            "layer norm backward [4096, 384]",
            () -> backend.layerNormBackward(x, gain, statistics, d, out, dGain, dBias)),
        new Operation(
            "layer norm of a sum [4096, 384]",
            () -> backend.addLayerNorm(both, gain, bias, 1e-12, sum, statistics, out)));
  }

  private static List<Operation> products(OperationInputs inputs) {
    Backend backend = inputs.backend();
    Tensor x = inputs.gaussian(ROWS, DIMS);
    Tensor up = inputs.gaussian(INNER, DIMS);
    Tensor upBias = inputs.gaussian(INNER);
    Tensor before = inputs.zeros(ROWS, INNER);
    Tensor inner = inputs.gaussian(ROWS, INNER);
    Tensor down = inputs.gaussian(DIMS, INNER);
    Tensor downBias = inputs.gaussian(DIMS);
    Tensor out = inputs.zeros(ROWS, DIMS);
    Tensor turned = inputs.zeros(DIMS, ROWS);
    return List.of(
        new Operation("transpose [4096, 384]", () -> backend.transpose(x, turned)),
        new Operation(
            "linear, 384 to 1536 [4096, 384]", () -> backend.linear(x, up, upBias, inner)),
        new Operation(
            "linear and gelu, 384 to 1536 [4096, 384]",
            () -> backend.linearGelu(x, up, upBias, before, inner)),
        new Operation(
            "linear and residual, 1536 to 384 [4096, 1536]",
            () -> backend.linearAdd(inner, down, downBias, x, out)));
  }

  private static List<Operation> attention(OperationInputs inputs) {
    Backend backend = inputs.backend();
    int d = 256;
    AttentionPass pass =
        new AttentionPass(
            inputs.gaussian(ROWS, d),
            inputs.gaussian(ROWS, d),
            inputs.gaussian(ROWS, d),
            inputs.offsets(TEXTS, LENGTH),
            new AttentionForm(4, false),
            AttentionDropout.NONE,
            inputs.zeros(ROWS, d),
            inputs.zeros(ROWS, 4));
    Tensor dOut = inputs.gaussian(ROWS, d);
    AttentionGradients gradients =
        new AttentionGradients(inputs.zeros(ROWS, d), inputs.zeros(ROWS, d), inputs.zeros(ROWS, d));
    return List.of(
        new Operation(
            "attention, 64 texts of 64, 4 heads of 64",
            () -> backend.attention(pass, inputs.freshScratch())),
        new Operation(
            "attention and its gradients",
            () -> {
              Arena scratch = inputs.freshScratch();
              backend.attention(pass, scratch);
              backend.attentionBackward(pass, dOut, gradients, scratch);
            }));
  }

  /** Through the graph, which is where they are composed. */
  private static List<Operation> losses(OperationInputs inputs) {
    Backend backend = inputs.backend();
    Tensor queries = inputs.gaussian(1024, DIMS);
    Tensor positives = inputs.gaussian(1024, DIMS);
    long[] ids = new long[1024];
    Tensor states = inputs.gaussian(256, DIMS);
    Tensor words = inputs.gaussian(8192, DIMS);
    Tensor targets = inputs.ints(inputs.below(8192, 256));
    return List.of(
        new Operation(
            "InfoNCE and its gradients, 1024 pairs",
            () -> {
              Graph g = new Graph(backend, inputs.freshScratch());
              g.backward(
                  OurStep.LOSS.apply(
                      g,
                      EmbeddingPairs.singleRank(
                          g.variable(queries), g.variable(positives), ids, ids)));
            }),
        new Operation(
            "cross-entropy of 8192 words and its gradients [256, 384]",
            () -> {
              Graph g = new Graph(backend, inputs.freshScratch());
              Variable loss =
                  TiledCrossEntropy.DEFAULT.sum(
                      g, g.variable(states), g.variable(words), Optional.empty(), targets);
              g.backward(loss);
            }));
  }
}
