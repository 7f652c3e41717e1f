package io.batchwright.jobs.bench.engine;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import java.util.ArrayList;
import java.util.List;

/**
 * The engine's operations that a PyTorch user has an equivalent of. Left out: {@code
 * adamWRowsExact} and {@code adamWCatchUp}, which PyTorch has not; {@code shift} and {@code
 * scaleEach} are {@code scale} again, {@code axpyEach} is {@code axpy}, {@code matmul} stands in
 * {@link ProductSection}.
 */
final class Operations {
  private Operations() {}

  /** All of them, cheap ones first. */
  static List<Operation> all(Backend backend, Arena arena) {
    OperationInputs inputs = new OperationInputs(backend, arena);
    List<Operation> all = new ArrayList<>();
    all.addAll(ElementOperations.all(inputs));
    all.addAll(ReductionOperations.all(inputs));
    all.addAll(LayerOperations.all(inputs));
    all.addAll(RowOperations.all(inputs));
    all.addAll(UpdateOperations.all(inputs));
    return all;
  }
}
