/**
 * The CPU backend: memory outside the Java heap, matrix products by oneDNN, OpenBLAS or in plain
 * Java, and all other kernels in Java. It is also the oracle that a GPU backend is held against.
 *
 * <p>Reading order: {@link io.batchwright.kernel.cpu.CpuBackend}, {@code Workers} (the threads that
 * share a call), {@code OffHeap} (the only class that touches addresses), {@code StreamLoops}
 * (kernels that read memory once), {@code RowLoops} (kernels that pass over a row several times),
 * {@code Tiles} (the other element-wise kernels), {@code MatrixProduct} and its providers, {@code
 * RowAccumulator} and {@code RowSegments} (the embedding gradient), {@code AdamWLoops}.
 *
 * <p>Decisions. C2 of JDK 17 vectorises loops over whole arrays from index 0, but not over off-heap
 * memory nor over arrays with offsets; so {@code Tiles} copies at most {@code Scratch.TILE}
 * elements into scratch arrays, computes there, and copies back: 0.3 ns an element instead of 1.
 * Where {@code jdk.incubator.vector} is there, {@code StreamLoops} need no copies and {@code
 * RowLoops} fewer passes, with the same bits (docs/decisions/0013). Several threads share an
 * operation where {@code Workers} has them, without a change of its bits (docs/decisions/0021).
 * exp, tanh and GELU of F32 are branch-free polynomials of our own with a stated error; those of
 * F64 are {@link java.lang.StrictMath}.
 */
package io.batchwright.kernel.cpu;
