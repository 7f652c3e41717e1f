package io.batchwright.jobs.bench.engine;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The same step by PyTorch, all of it in one call of a TorchScript module, so that nothing of Java
 * or Python stands between its operators: fused attention, one product for queries, keys and
 * values, {@code _fused_adamw_}. The module is made by {@code
 * benchmarks/peers/torch_training_step.py}.
 */
final class PyTorchStep {
  private static final String ENGINE = "PyTorch";

  private PyTorchStep() {}

  /** Arguments: a {@link StepShape}, the folder of {@code training_step.pt}, a {@link StepWork}. */
  public static void main(String[] arguments) throws IOException, MalformedModelException {
    StepShape shape = StepShape.of(arguments[0]);
    StepWork work = StepWork.valueOf(arguments[2]);
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
        work == StepWork.SPARSE ? 1 : 0
      };
      NDList sizes = new NDList(arrays.create(size), arrays.create(size));
      model.getBlock().forward(parameters, sizes, true).close();
      List<NDList> steps = work.mixed() ? mixed(shape, work, arrays) : equal(shape, arrays);
      StepLoop.run(
          line -> {
            // It turns gradients on.
            try (GradientCollector collector = arrays.getEngine().newGradientCollector();
                NDList loss =
                    model.getBlock().forward(parameters, steps.get(StepLoop.number(line)), true)) {
              return loss.singletonOrThrow().getFloat();
            }
          });
    }
  }

  private static List<NDList> equal(StepShape shape, NDManager arrays) {
    NDList batch = new NDList();
    for (int role = 0; role < 2; role++) {
      batch.add(tokens(shape.tokens(role), shape.pairs(), shape.length(), arrays));
    }
    return List.of(batch);
  }

  /** Queries and positives, padded to the longest of their step, then the lengths of both. */
  private static List<NDList> mixed(StepShape shape, StepWork work, NDManager arrays) {
    MixedTexts texts = new MixedTexts(shape, work == StepWork.SORTED);
    List<NDList> steps = new ArrayList<>();
    for (int step = 0; step < MixedTexts.STEPS; step++) {
      NDList tokens = new NDList();
      NDList lengths = new NDList();
      for (int role = 0; role < 2; role++) {
        int[] of = texts.lengths(role, step);
        int longest = Arrays.stream(of).max().orElseThrow();
        int[] places = texts.tokens(role, step, of.length * longest);
        tokens.add(tokens(places, of.length, longest, arrays));
        lengths.add(arrays.create(Arrays.stream(of).asLongStream().toArray()));
      }
      steps.add(tokens.addAll(lengths));
    }
    return steps;
  }

  private static NDArray tokens(int[] ids, int texts, int length, NDManager arrays) {
    return arrays.create(Arrays.stream(ids).asLongStream().toArray(), new Shape(texts, length));
  }
}
