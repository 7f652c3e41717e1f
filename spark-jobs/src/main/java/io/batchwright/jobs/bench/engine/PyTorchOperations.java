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
import java.util.stream.LongStream;

/**
 * PyTorch's side of {@link Operations}: repeats an operation inside a TorchScript module, made by
 * {@code benchmarks/peers/torch_operations.py}.
 */
final class PyTorchOperations {
  private static final String ENGINE = "PyTorch";

  private PyTorchOperations() {}

  /** Argument: the folder of {@code operations.pt}. Lines: how often, an operation's name. */
  public static void main(String[] arguments) throws IOException, MalformedModelException {
    try (Model model = Model.newInstance("operations", ENGINE);
        NDManager arrays = NDManager.newBaseManager(ENGINE)) {
      model.load(Path.of(arguments[0]), "operations.pt");
      ParameterStore parameters = new ParameterStore(arrays, false);
      run(model, parameters, arrays, new long[] {1});
      StepLoop.run(line -> run(model, parameters, arrays, select(line)));
    }
  }

  /** How often, then the name's letters, which are what a module can be given of a text. */
  private static long[] select(String line) {
    int space = line.indexOf(' ');
    LongStream letters = line.substring(space + 1).chars().asLongStream();
    return LongStream.concat(LongStream.of(Long.parseLong(line.substring(0, space))), letters)
        .toArray();
  }

  private static double run(
      Model model, ParameterStore parameters, NDManager arrays, long[] select) {
    // The collector turns gradients on, as in training; they are asked for where a name says so.
    try (NDList list = new NDList(arrays.create(select));
        GradientCollector collector = arrays.getEngine().newGradientCollector();
        NDList out = model.getBlock().forward(parameters, list, true)) {
      return out.singletonOrThrow().toType(DataType.FLOAT32, false).toFloatArray()[0];
    }
  }
}
