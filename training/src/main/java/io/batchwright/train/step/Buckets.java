package io.batchwright.train.step;

import io.batchwright.train.graph.Parameter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Cuts the gradients of parameters, thought of as one row of bytes, into pieces that ranks sum one
 * after the other.
 *
 * <p>Pieces begin at multiples of what a ring moves at a time, so that an element is summed in the
 * order that it would be if all gradients went at once. The last piece comes first, since the
 * backward pass reaches the last layers first.
 */
final class Buckets {
  private Buckets() {}

  /**
   * A part of a parameter's gradient.
   *
   * @param from its first element
   * @param to the element after its last
   */
  record Slice(Parameter parameter, int from, int to) {}

  /**
   * The buckets in the order in which they are summed.
   *
   * @param parameters in their fixed order; neighbours of one type share buckets
   * @param bytes of a bucket; the last of each type may have fewer
   */
  static List<List<Slice>> of(List<Parameter> parameters, int bytes) {
    List<List<Slice>> buckets = new ArrayList<>();
    long filled = bytes;
    for (int p = 0; p < parameters.size(); p++) {
      Parameter parameter = parameters.get(p);
      int size = parameter.storage().dtype().bytes();
      if (p > 0 && parameter.storage().dtype() != parameters.get(p - 1).storage().dtype()) {
        filled = bytes;
      }
      int elements = Math.toIntExact(parameter.storage().elements());
      for (int from = 0; from < elements; ) {
        if (filled == bytes) {
          buckets.add(new ArrayList<>());
          filled = 0;
        }
        int to = (int) Math.min(elements, from + (bytes - filled) / size);
        buckets.get(buckets.size() - 1).add(new Slice(parameter, from, to));
        filled += (long) size * (to - from);
        from = to;
      }
    }
    Collections.reverse(buckets);
    return buckets;
  }
}
