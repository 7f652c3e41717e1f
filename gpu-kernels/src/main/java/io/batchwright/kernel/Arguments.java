package io.batchwright.kernel;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;

/**
 * What every backend asks of its arguments, with messages that name the operation, what it got and
 * what it wanted: {@code matmul: out must be [2, 5], got 'scores' F32 [2, 4]}.
 */
public final class Arguments {

  private Arguments() {}

  /** Fails with {@code operation: message} unless the condition holds. */
  public static void require(boolean condition, String operation, String message, Object... got) {
    if (!condition) {
      throw new IllegalArgumentException(operation + ": " + String.format(message, got));
    }
  }

  /** The tensor must be F32 or F64. */
  public static void floating(String operation, String name, Tensor tensor) {
    require(
        tensor.dtype() == DType.F32 || tensor.dtype() == DType.F64,
        operation,
        "%s must be F32 or F64, got %s",
        name,
        tensor);
  }

  /** All tensors must have the type of the first, which must be F32 or F64. */
  public static void sameFloating(String operation, Tensor first, Tensor... others) {
    floating(operation, "the argument", first);
    for (Tensor other : others) {
      require(
          other.dtype() == first.dtype(),
          operation,
          "all arguments must be %s as %s is, got %s",
          first.dtype(),
          first,
          other);
    }
  }

  /** All tensors must have the type of the first: F32, F64 or BF16. */
  public static void sameStored(String operation, Tensor first, Tensor... others) {
    if (first.dtype() != DType.BF16) {
      sameFloating(operation, first, others);
    }
    for (Tensor other : others) {
      require(
          other.dtype() == first.dtype(),
          operation,
          "all arguments must be %s as %s is, got %s",
          first.dtype(),
          first,
          other);
    }
  }

  /** The type in which what is stored as {@code dtype} is computed: BF16 as F32. */
  public static DType computed(DType dtype) {
    return dtype == DType.BF16 ? DType.F32 : dtype;
  }

  /** The tensors must have the type in which {@code stored} is computed. */
  public static void computedAs(String operation, Tensor stored, Tensor... others) {
    for (Tensor other : others) {
      require(
          other.dtype() == computed(stored.dtype()),
          operation,
          "%s must be %s beside %s",
          other,
          computed(stored.dtype()),
          stored);
    }
  }

  /** The tensor must be I32. */
  public static void integers(String operation, String name, Tensor tensor) {
    require(tensor.dtype() == DType.I32, operation, "%s must be I32, got %s", name, tensor);
  }

  /** The tensor must have this many dims. */
  public static void rank(String operation, String name, Tensor tensor, int rank) {
    require(
        tensor.shape().rank() == rank,
        operation,
        "%s must have %d dims, got %s",
        name,
        rank,
        tensor);
  }

  /** The tensor must have exactly this shape. */
  public static void shape(String operation, String name, Tensor tensor, int... dims) {
    Shape wanted = new Shape(dims);
    require(
        tensor.shape().equals(wanted), operation, "%s must be %s, got %s", name, wanted, tensor);
  }

  /** The tensor must have the shape of the other. */
  public static void like(String operation, String name, Tensor tensor, Tensor other) {
    require(
        tensor.shape().equals(other.shape()),
        operation,
        "%s must be %s as %s is, got %s",
        name,
        other.shape(),
        other,
        tensor);
  }

  /** The tensor must not share memory with the output, where that is written before it is read. */
  public static void apart(String operation, String name, Tensor tensor, Tensor out) {
    require(
        tensor.storage() != out.storage()
            || tensor.byteOffset() + tensor.bytes() <= out.byteOffset()
            || out.byteOffset() + out.bytes() <= tensor.byteOffset(),
        operation,
        "%s must not share memory with %s, got %s",
        name,
        out,
        tensor);
  }

  /** The tensor must have this many elements, in whatever shape. */
  public static void elements(String operation, String name, Tensor tensor, long wanted) {
    require(
        tensor.elements() == wanted,
        operation,
        "%s must have %d elements, got %s",
        name,
        wanted,
        tensor);
  }

  /**
   * The first {@code count} + 1 offsets must rise from 0 to {@code total}.
   *
   * @param what is counted, as in {@code tokens}
   */
  public static void offsets(String operation, int[] offsets, int count, int total, String what) {
    boolean rising = offsets[0] == 0 && offsets[count] == total;
    for (int b = 0; b < count; b++) {
      rising &= offsets[b] <= offsets[b + 1];
    }
    require(
        rising,
        operation,
        "cuSeqlens must rise from 0 to %d, the number of %s; it starts at %d and ends at %d",
        total,
        what,
        offsets[0],
        offsets[count]);
  }
}
