package io.batchwright.kernel.cpu;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loops over float arrays for which C2 of JDK 17 finds no vector instructions by itself: sums,
 * whose order it may not change, and maxima.
 *
 * <p>Both providers give the same bits. A sum has {@value #LANES} running sums, of which element i
 * goes to number i mod {@value #LANES}; they are added in a fixed order at the end of each {@value
 * #BLOCK} elements, and blocks are added in double precision.
 */
interface RowLoops {
  /** Running sums of a block. */
  int LANES = 32;

  /** Elements whose sum is in single precision. */
  int BLOCK = 1024;

  /** The provider of this JVM: vector instructions where {@code jdk.incubator.vector} is there. */
  RowLoops BEST = best();

  /** What the log calls it. */
  String name();

  /** The sum of the first {@code count} elements. */
  double sum(float[] a, int count);

  /** The sum of products. */
  double dot(float[] a, float[] b, int count);

  /** The greatest element, NaN if there is one, -infinity of none. */
  float max(float[] a, int count);

  private static RowLoops best() {
    Logger log = LoggerFactory.getLogger(RowLoops.class);
    RowLoops found = new JavaRowLoops();
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
        && VectorRowLoops.supported()) {
      found = new VectorRowLoops();
    }
    log.info("Sums of floats on the CPU: {}", found.name());
    return found;
  }
}
