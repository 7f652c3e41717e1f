package io.batchwright.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The extents of a tensor, outermost first; the last dim is contiguous. Rank 0 is a scalar.
 *
 * @param dims extents, each at least 0
 */
public record Shape(int... dims) {

  /** Copies the extents and checks them. */
  public Shape {
    dims = dims.clone();
    for (int dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException(
            "every dim of a shape must be at least 0, got " + Arrays.toString(dims));
      }
    }
  }

  /** The shape of the given extents. */
  public static Shape of(int... dims) {
    return new Shape(dims);
  }

  /** A copy of the extents. */
  @Override
  public int[] dims() {
    return dims.clone();
  }

  /** Number of dims. */
  public int rank() {
    return dims.length;
  }

  /**
   * Extent of one dim.
   *
   * @param index 0-based; a negative index counts from the end, -1 being the last dim
   */
  public int dim(int index) {
    return dims[position(index)];
  }

  /** The 0-based position that {@code index} names, a negative one counted from the end. */
  public int position(int index) {
    int position = index < 0 ? index + dims.length : index;
    if (position < 0 || position >= dims.length) {
      throw new IllegalArgumentException(
          "dim " + index + " does not exist in a tensor of shape " + this);
    }
    return position;
  }

  /** Number of elements: the product of all extents, 1 for a scalar. */
  public long elements() {
    long elements = 1;
    for (int dim : dims) {
      elements = Math.multiplyExact(elements, (long) dim);
    }
    return elements;
  }

  /**
   * Product of all extents but the last: the rows of the tensor seen as a matrix; 1 below rank 2.
   */
  public long rows() {
    long rows = 1;
    for (int i = 0; i + 1 < dims.length; i++) {
      rows *= dims[i];
    }
    return rows;
  }

  /** Extent of the last dim; 1 for a scalar. */
  public int columns() {
    return dims.length == 0 ? 1 : dims[dims.length - 1];
  }

  /** This shape with one dim replaced. */
  public Shape with(int index, int extent) {
    int[] copy = dims.clone();
    copy[position(index)] = extent;
    return new Shape(copy);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** As in {@code [3, 4]}. */
  @Override
  public String toString() {
    return Arrays.stream(dims)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
