package io.batchwright.train.optimizer;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Tensors that a transform keeps for each of its parameters, each of the parameter's type and
 * shape. Those made by {@link #zeros} are its state; scratch is not.
 */
final class StateTensors {
  private final List<Parameter> parameters;
  private final Arena run;
  private final List<List<Tensor>> kinds = new ArrayList<>();

  StateTensors(List<Parameter> parameters, Arena run) {
    this.parameters = parameters;
    this.run = run;
  }

  /** One tensor of zeros for each parameter, named {@code PARAMETER.name} in checkpoints. */
  List<Tensor> zeros(String name) {
    List<Tensor> tensors = new ArrayList<>();
    for (Parameter parameter : parameters) {
      Tensor value = parameter.storage();
      tensors.add(run.zeros(parameter.name() + "." + name, value.dtype(), value.shape()));
    }
    kinds.add(tensors);
    return tensors;
  }

  /** One tensor for each parameter whose contents are undefined and outlive no step. */
  List<Tensor> scratch() {
    List<Tensor> tensors = new ArrayList<>();
    for (Parameter parameter : parameters) {
      Tensor value = parameter.storage();
      tensors.add(run.allocate(parameter.name() + ".scratch", value.dtype(), value.shape()));
    }
    return tensors;
  }

  /** What is done to one parameter's update in a step. */
  interface Work {
    /**
     * Changes the update in place.
     *
     * @param parameter its number among the parameters
     * @param update its gradient, or what the transform before made of it
     * @param step from 1
     */
    void apply(int parameter, Tensor update, long step);
  }

  /** The transform that changes all updates together and has this state. */
  TransformInstance transformAll(BiConsumer<List<Tensor>, Long> work) {
    Map<String, Tensor> state = byName();
    return new TransformInstance() {
      @Override
      public void apply(List<Tensor> updates, long step) {
        work.accept(updates, step);
      }

      @Override
      public Map<String, Tensor> state() {
        return state;
      }
    };
  }

  /** The transform that does {@code work} to each update and has this state. */
  TransformInstance transform(Work work) {
    return transformAll(
        (updates, step) -> {
          for (int i = 0; i < updates.size(); i++) {
            work.apply(i, updates.get(i), step);
          }
        });
  }

  /** The state by name: parameter by parameter, of each in the order of the calls. */
  private Map<String, Tensor> byName() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (int p = 0; p < parameters.size(); p++) {
      for (List<Tensor> kind : kinds) {
        state.put(kind.get(p).label(), kind.get(p));
      }
    }
    return state;
  }
}
