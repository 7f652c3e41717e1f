package io.batchwright.kernel.cpu;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Reads and writes vectors of floats outside of the heap: through byte buffers on JDK 17, through
 * memory segments on JDK 22 and later, where the former are gone.
 *
 * <p>Loops keep to three rules, without which C2 makes an object of each vector, in some processes
 * and not in others (docs/decisions/0013):
 *
 * <ol>
 *   <li>All vectors of floats in the JVM have one class, that of {@link #WIDE}. The library's
 *       methods are compiled into our loops by the classes that were seen in them anywhere, and
 *       where two were, a vector of either is an object.
 *   <li>They call the library and the handles here, which are constants, and no method of ours in
 *       between: that is inlined only where C2 has not compiled it on its own before.
 *   <li>Long chains have more than 325 bytes of code, so that C2 does not inline them into their
 *       callers, where they would use up what it inlines at all.
 * </ol>
 */
final class Vectors {
  static final VectorSpecies<Float> WIDE = FloatVector.SPECIES_PREFERRED;

  private static final Object ALL = allMemory();

  /** {@code (Window, int offset in bytes) -> FloatVector}, the widest; null where neither works. */
  static final MethodHandle LOAD = find(Vectors::loading);

  /** {@code (FloatVector, Window, int offset in bytes) -> void}; null where neither works. */
  static final MethodHandle STORE = find(Vectors::storing);

  private Vectors() {}

  private interface Search {
    MethodHandle in(Lookup lookup) throws ReflectiveOperationException;
  }

  /** Whether vectors here are of a size for which the loops are written: eight floats, sixteen. */
  static boolean supported() {
    return WIDE.length() == 8 || WIDE.length() == 16;
  }

  /** Whether this class can read and write memory outside of the heap on this JDK. */
  static boolean reachMemory() {
    return LOAD != null && STORE != null;
  }

  private static MethodHandle loading(Lookup lookup) throws ReflectiveOperationException {
    if (ALL == null) {
      MethodHandle load =
          lookup.findStatic(
              FloatVector.class,
              "fromByteBuffer",
              MethodType.methodType(
                  FloatVector.class,
                  VectorSpecies.class,
                  ByteBuffer.class,
                  int.class,
                  ByteOrder.class));
      load = MethodHandles.insertArguments(load, 3, ByteOrder.nativeOrder());
      return MethodHandles.filterArguments(
          MethodHandles.insertArguments(load, 0, WIDE), 0, view(lookup));
    }
    MethodHandle load =
        lookup.findStatic(
            FloatVector.class,
            "fromMemorySegment",
            MethodType.methodType(
                FloatVector.class,
                VectorSpecies.class,
                segmentClass(),
                long.class,
                ByteOrder.class));
    load = MethodHandles.insertArguments(load, 3, ByteOrder.nativeOrder());
    return MethodHandles.collectArguments(
        MethodHandles.insertArguments(load, 0, WIDE, ALL), 0, place(lookup));
  }

  private static MethodHandle storing(Lookup lookup) throws ReflectiveOperationException {
    if (ALL == null) {
      MethodHandle store =
          lookup.findVirtual(
              FloatVector.class,
              "intoByteBuffer",
              MethodType.methodType(void.class, ByteBuffer.class, int.class, ByteOrder.class));
      return MethodHandles.filterArguments(
          MethodHandles.insertArguments(store, 3, ByteOrder.nativeOrder()), 1, view(lookup));
    }
    MethodHandle store =
        lookup.findVirtual(
            FloatVector.class,
            "intoMemorySegment",
            MethodType.methodType(void.class, segmentClass(), long.class, ByteOrder.class));
    store = MethodHandles.insertArguments(store, 3, ByteOrder.nativeOrder());
    return MethodHandles.collectArguments(
        MethodHandles.insertArguments(store, 1, ALL), 1, place(lookup));
  }

  private static MethodHandle view(Lookup lookup) throws ReflectiveOperationException {
    return lookup.findGetter(Window.class, "view", ByteBuffer.class);
  }

  private static MethodHandle place(Lookup lookup) throws ReflectiveOperationException {
    return lookup.findVirtual(Window.class, "place", MethodType.methodType(long.class, int.class));
  }

  private static MethodHandle find(Search search) {
    try {
      return search.in(MethodHandles.lookup());
    } catch (ReflectiveOperationException e) {
      return null; // of another JDK
    }
  }

  private static Class<?> segmentClass() throws ClassNotFoundException {
    return Class.forName("java.lang.foreign.MemorySegment");
  }

  /** All memory, as a {@code MemorySegment}; null before JDK 22. */
  private static Object allMemory() {
    try {
      Object nothing = segmentClass().getField("NULL").get(null);
      return segmentClass().getMethod("reinterpret", long.class).invoke(nothing, Long.MAX_VALUE);
    } catch (ReflectiveOperationException e) {
      return null; // of another JDK
    }
  }
}
