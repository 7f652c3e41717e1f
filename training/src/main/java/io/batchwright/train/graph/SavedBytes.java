package io.batchwright.train.graph;

import io.batchwright.tensor.Tensor;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Counts what operations keep for their backward functions; a tensor that several keep counts once.
 * One of these serves one graph.
 */
public final class SavedBytes implements SavedTensors {
  private final SavedTensors packing;
  private final Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private long bytes;

  /** Counts what is kept as it is. */
  public SavedBytes() {
    this(KEEP);
  }

  /** Counts what {@code packing} is given, in bytes before it packs. */
  public SavedBytes(SavedTensors packing) {
    this.packing = packing;
  }

  @Override
  public Supplier<Tensor> pack(Tensor tensor) {
    if (seen.add(tensor)) {
      bytes += tensor.bytes();
    }
    return packing.pack(tensor);
  }

  /** Bytes kept so far. */
  public long bytes() {
    return bytes;
  }

  /** Tensors kept so far. */
  public int tensors() {
    return seen.size();
  }
}
