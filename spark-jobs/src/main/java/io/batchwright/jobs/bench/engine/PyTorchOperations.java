package io.batchwright.jobs.bench.engine;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * PyTorch's side of {@link Operations}: repeats an operation inside a TorchScript module, made by
 * {@code benchmarks/peers/torch_operations.py}.
 */
final class PyTorchOperations {
  private static final String ENGINE = "PyTorch";

  private PyTorchOperations() {}

  /** Argument: the folder of {@code operations.pt}. Lines: an operation's number, how often. */
  public static void main(String[] arguments) throws IOException, MalformedModelException {
    try (Model model = Model.newInstance("operations", ENGINE);
        NDManager arrays = NDManager.newBaseManager(ENGINE)) {
      model.load(Path.of(arguments[0]), "operations.pt");
      ParameterStore parameters = new ParameterStore(arrays, false);
      run(model, parameters, arrays, "-1 1");
      StepLoop.run(line -> run(model, parameters, arrays, line));
    }
  }

  private static double run(Model model, ParameterStore parameters, NDManager arrays, String line) {
    long[] select = Arrays.stream(line.split(" ")).mapToLong(Long::parseLong).toArray();
    // The collector turns gradients on, as in training; only attention's are asked for.
    try (NDList list = new NDList(arrays.create(select));
        GradientCollector collector = arrays.getEngine().newGradientCollector();
        NDList out = model.getBlock().forward(parameters, list, true)) {
      return out.singletonOrThrow().toType(DataType.FLOAT32, false).toFloatArray()[0];
    }
  }
}
