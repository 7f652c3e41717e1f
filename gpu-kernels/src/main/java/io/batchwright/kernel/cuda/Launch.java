package io.batchwright.kernel.cuda;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;

/**
 * One start of a kernel: its geometry and its parameters in order. Each parameter takes a slot of
 * eight bytes, little-endian, whatever its type: the driver is told where each slot starts.
 */
final class Launch {
  /** The most parameters of a kernel. */
  static final int MOST_PARAMETERS = 24;

  private static final int ELEMENT_THREADS = 256;
  private static final int MOST_ELEMENT_BLOCKS = 8 * 132;
  private static final int SHORT_ROW = 1024;

  private final String kernel;
  private final int blocksX;
  private final int blocksY;
  private final int threads;
  private final int sharedBytes;
  private final long[] slots = new long[MOST_PARAMETERS];
  private int count;

  private Launch(String kernel, long blocksX, long blocksY, int threads, int sharedBytes) {
    this.kernel = kernel;
    this.blocksX = Math.toIntExact(blocksX);
    this.blocksY = Math.toIntExact(blocksY);
    this.threads = threads;
    this.sharedBytes = sharedBytes;
  }

  /**
   * Blocks of {@code threads} threads.
   *
   * @param blocksX from 1 to 2^31 - 1
   * @param blocksY from 1 to 65,535
   * @param threads a multiple of 32, at most 1,024
   * @param sharedBytes of dynamic shared memory
   */
  static Launch of(String kernel, long blocksX, long blocksY, int threads, int sharedBytes) {
    return new Launch(kernel, blocksX, blocksY, threads, sharedBytes);
  }

  /** For kernels that walk over n elements with however many threads there are. */
  static Launch elements(String kernel, long n) {
    long blocks = Math.min(MOST_ELEMENT_BLOCKS, blocks(n, ELEMENT_THREADS));
    return new Launch(kernel, blocks, 1, ELEMENT_THREADS, 0);
  }

  /** A block a row: of one warp where the row is short, so that it needs no barrier. */
  static Launch rows(String kernel, long rows, long width) {
    return new Launch(kernel, rows, 1, width <= SHORT_ROW ? 32 : 256, 0);
  }

  /** How many pieces of {@code size} cover n. */
  static long blocks(long n, long size) {
    return (n + size - 1) / size;
  }

  /** Where a tensor of this backend starts. */
  Launch tensor(Tensor tensor) {
    return number(CudaMemory.addressOf(tensor));
  }

  /** An address, or any other number of eight bytes. */
  Launch number(long value) {
    slots[count++] = value;
    return this;
  }

  /** A number of four bytes. */
  Launch whole(int value) {
    return number(value & 0xFFFFFFFFL);
  }

  /** A number in the type in which the tensors are computed. */
  Launch scalar(DType dtype, double value) {
    return dtype == DType.F64
        ? number(Double.doubleToRawLongBits(value))
        : whole(Float.floatToRawIntBits((float) value));
  }

  /** A number in double precision. */
  Launch real(double value) {
    return number(Double.doubleToRawLongBits(value));
  }

  /** Whether another launch differs from this one in the values of its parameters alone. */
  boolean hasShapeOf(Launch other) {
    return kernel.equals(other.kernel)
        && blocksX == other.blocksX
        && blocksY == other.blocksY
        && threads == other.threads
        && sharedBytes == other.sharedBytes
        && count == other.count;
  }

  /** Whether all parameters of another launch of this shape have the values of this one. */
  boolean hasValuesOf(Launch other) {
    return Arrays.equals(slots, 0, count, other.slots, 0, count);
  }

  /** The same for all launches of one shape. */
  int shapeHash() {
    int hash = kernel.hashCode();
    hash = 31 * hash + blocksX;
    hash = 31 * hash + blocksY;
    hash = 31 * hash + threads;
    hash = 31 * hash + sharedBytes;
    return 31 * hash + count;
  }

  String kernel() {
    return kernel;
  }

  int blocksX() {
    return blocksX;
  }

  int blocksY() {
    return blocksY;
  }

  int threads() {
    return threads;
  }

  int sharedBytes() {
    return sharedBytes;
  }

  int count() {
    return count;
  }

  long slot(int index) {
    return slots[index];
  }

  /** As in {@code add_f32 <<<(4, 1), 256>>> [7f00, 2a]}. */
  @Override
  public String toString() {
    return "%s <<<(%d, %d), %d>>> %s"
        .formatted(
            kernel,
            blocksX,
            blocksY,
            threads,
            Arrays.stream(slots, 0, count).mapToObj(Long::toHexString).toList());
  }
}
