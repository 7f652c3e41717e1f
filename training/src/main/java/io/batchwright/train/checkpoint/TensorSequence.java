package io.batchwright.train.checkpoint;

import io.batchwright.tensor.Tensor;
import io.batchwright.train.checkpoint.CheckpointManifest.StoredTensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Named tensors as one sequence of little-endian bytes, without gaps. */
final class TensorSequence {
  private final Map<String, Tensor> tensors;

  /**
   * @param tensors in their order
   */
  TensorSequence(Map<String, Tensor> tensors) {
    this.tensors = tensors;
  }

  long bytes() {
    return tensors.values().stream().mapToLong(Tensor::bytes).sum();
  }

  /** Names, types and shapes, in order. */
  List<StoredTensor> described() {
    return tensors.entrySet().stream()
        .map(
            entry ->
                new StoredTensor(
                    entry.getKey(),
                    entry.getValue().dtype().name(),
                    Arrays.stream(entry.getValue().shape().dims()).boxed().toList()))
        .toList();
  }

  /**
   * Where the part of number {@code part} starts when the sequence is cut into {@code parts} parts
   * of nearly the same size, none of which cuts an element; the end for {@code part == parts}.
   */
  long start(int part, int parts) {
    long ideal = bytes() / parts * part + bytes() % parts * part / parts;
    long before = 0;
    for (Tensor tensor : tensors.values()) {
      if (ideal < before + tensor.bytes()) {
        int element = tensor.dtype().bytes();
        return before + (ideal - before) / element * element;
      }
      before += tensor.bytes();
    }
    return before;
  }

  /** Passes the bytes from {@code from} to {@code to}, two {@link #start}s, to {@code sink}. */
  void read(long from, long to, TensorBytes.Sink sink) throws IOException {
    long before = 0;
    for (Tensor tensor : tensors.values()) {
      long first = Math.max(from - before, 0);
      long last = Math.min(to - before, tensor.bytes());
      if (first < last) {
        TensorBytes.read(tensor, first, last, sink);
      }
      before += tensor.bytes();
    }
  }

  /** Overwrites all tensors, in order. */
  void write(TensorBytes.Source source) throws IOException {
    for (Tensor tensor : tensors.values()) {
      TensorBytes.write(tensor, source);
    }
  }
}
