package io.batchwright.jobs.bench.engine;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The same step by PyTorch, all of it in one call of a TorchScript module, so that nothing of Java
 * or Python stands between its operators: fused attention, one product for queries, keys and
 * values, {@code _fused_adamw_}. The module is made by {@code
 * benchmarks/peers/torch_training_step.py}.
 */
final class PyTorchStep {
  private static final String ENGINE = "PyTorch";

  private PyTorchStep() {}

  /**
   * Arguments: a {@link StepShape}, the folder of {@code training_step.pt}, {@code sparse} or
   * {@code dense}.
   */
  public static void main(String[] arguments) throws IOException, MalformedModelException {
    StepShape shape = StepShape.of(arguments[0]);
    try (Model model = Model.newInstance("training_step", ENGINE);
        NDManager arrays = NDManager.newBaseManager(ENGINE)) {
      model.load(Path.of(arguments[1]), "training_step.pt");
      ParameterStore parameters = new ParameterStore(arrays, false);
      long[] size = {
        shape.vocabulary(),
        512,
        shape.dims(),
        shape.layers(),
        shape.heads(),
        shape.feedForward(),
        arguments[2].equals("sparse") ? 1 : 0
      };
      NDList sizes = new NDList(arrays.create(size), arrays.create(size));
      model.getBlock().forward(parameters, sizes, true).close();
      NDList batch = new NDList();
      for (int role = 0; role < 2; role++) {
        long[] tokens = Arrays.stream(shape.tokens(role)).asLongStream().toArray();
        batch.add(arrays.create(tokens, new Shape(shape.pairs(), shape.length())));
      }
      StepLoop.run(
          line -> {
            // It turns gradients on.
            try (GradientCollector collector = arrays.getEngine().newGradientCollector();
                NDList loss = model.getBlock().forward(parameters, batch, true)) {
              return loss.singletonOrThrow().getFloat();
            }
          });
    }
  }
}
