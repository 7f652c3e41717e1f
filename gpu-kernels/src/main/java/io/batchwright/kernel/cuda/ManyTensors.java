package io.batchwright.kernel.cuda;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What one launch does to many tensors: a table of where they lie, which goes to the device with
 * the launch, and numbers for each. Blocks have a piece of one of them.
 */
final class ManyTensors {
  private static final int PIECE = 16_384;
  private static final int THREADS = 256;
  private static final int MOST_TENSORS = 4;
  private static final int MOST_NUMBERS = 9;
  private static final int SLOTS = MOST_TENSORS + 2 + MOST_NUMBERS;

  private final Map<DType, Table> tables = new EnumMap<>(DType.class);

  private static final class Table {
    final List<long[]> entries = new ArrayList<>();
    long blocks;

    long bytes() {
      return Uploads.room(8L * SLOTS * entries.size());
    }

    Launch launch(String kernel, Uploads uploads) {
      int[] words = new int[2 * SLOTS * entries.size()];
      int at = 0;
      for (long[] entry : entries) {
        for (long slot : entry) {
          words[at++] = (int) slot;
          words[at++] = (int) (slot >>> 32);
        }
      }
      return Launch.of(kernel, blocks, 1, THREADS, 0)
          .number(uploads.put(words))
          .whole(entries.size());
    }
  }

  /**
   * Adds tensors of one shape and type.
   *
   * @param tensors up to four
   * @param numbers up to nine; kernels take them in the tensors' type
   */
  void add(List<Tensor> tensors, double... numbers) {
    long elements = tensors.get(0).elements();
    if (elements == 0) {
      return;
    }
    Table table = tables.computeIfAbsent(tensors.get(0).dtype(), type -> new Table());
    long[] entry = new long[SLOTS];
    for (int i = 0; i < tensors.size(); i++) {
      entry[i] = CudaMemory.addressOf(tensors.get(i));
    }
    entry[MOST_TENSORS] = elements;
    entry[MOST_TENSORS + 1] = table.blocks;
    for (int i = 0; i < numbers.length; i++) {
      entry[MOST_TENSORS + 2 + i] = Double.doubleToRawLongBits(numbers[i]);
    }
    table.entries.add(entry);
    table.blocks += Launch.blocks(elements, PIECE);
  }

  /** How many blocks have a piece of the tensor. */
  static int blocks(Tensor tensor) {
    return Math.toIntExact(Launch.blocks(tensor.elements(), PIECE));
  }

  /** Starts a kernel for the tensors of each type. */
  void launch(CudaDevice device, String kernel) {
    tables.forEach(
        (dtype, table) ->
            Uploads.with(
                device,
                table.bytes(),
                uploads -> device.launch(table.launch(Checks.typed(kernel, dtype), uploads))));
  }

  /**
   * Waits for a kernel that gives a number a block.
   *
   * @return of the tensors of each type: the numbers of one tensor after the other
   */
  Map<DType, double[]> numbers(CudaDevice device, String kernel) {
    Map<DType, double[]> numbers = new EnumMap<>(DType.class);
    tables.forEach(
        (dtype, table) -> {
          double[] given = new double[Math.toIntExact(table.blocks)];
          Uploads.with(
              device,
              table.bytes() + Uploads.room(8L * given.length),
              uploads -> {
                Launch launch = table.launch(Checks.typed(kernel, dtype), uploads);
                long to = uploads.reserve(8L * given.length);
                device.launch(launch.number(to));
                device.transfers().read(to, given);
              });
          numbers.put(dtype, given);
        });
    return numbers;
  }
}
