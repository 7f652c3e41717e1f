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
 * memory segments on JDK 22 and later, where the former are gone. Both by method handles, constants
 * that C2 compiles to the machine instruction.
 */
final class Vectors {
  static final VectorSpecies<Float> EIGHT = FloatVector.SPECIES_256;
  static final VectorSpecies<Float> WIDE = FloatVector.SPECIES_PREFERRED;

  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** (species, buffer, offset, order). */
  private static final MethodHandle LOAD_BUFFER =
      find(
          lookup ->
              lookup.findStatic(
                  FloatVector.class,
                  "fromByteBuffer",
                  MethodType.methodType(
                      FloatVector.class,
                      VectorSpecies.class,
                      ByteBuffer.class,
                      int.class,
                      ByteOrder.class)));

  /** (vector, buffer, offset, order). */
  private static final MethodHandle STORE_BUFFER =
      find(
          lookup ->
              lookup.findVirtual(
                  FloatVector.class,
                  "intoByteBuffer",
                  MethodType.methodType(void.class, ByteBuffer.class, int.class, ByteOrder.class)));

  /** All memory, as a {@code MemorySegment}; null before JDK 22. */
  private static final Object ALL = allMemory();

  /** (species, address). */
  private static final MethodHandle LOAD_SEGMENT =
      ALL == null
          ? null
          : find(
              lookup ->
                  MethodHandles.insertArguments(
                      lookup.findStatic(
                          FloatVector.class,
                          "fromMemorySegment",
                          MethodType.methodType(
                              FloatVector.class,
                              VectorSpecies.class,
                              segmentClass(),
                              long.class,
                              ByteOrder.class)),
                      1,
                      ALL));

  /** (vector, address, order). */
  private static final MethodHandle STORE_SEGMENT =
      ALL == null
          ? null
          : find(
              lookup ->
                  MethodHandles.insertArguments(
                      lookup.findVirtual(
                          FloatVector.class,
                          "intoMemorySegment",
                          MethodType.methodType(
                              void.class, segmentClass(), long.class, ByteOrder.class)),
                      1,
                      ALL));

  private static final boolean BUFFERS = LOAD_BUFFER != null && STORE_BUFFER != null;

  private Vectors() {}

  private interface Search {
    MethodHandle in(Lookup lookup) throws ReflectiveOperationException;
  }

  /** Whether vectors of eight floats are machine instructions here. */
  static boolean supported() {
    return WIDE.length() >= EIGHT.length();
  }

  /** Whether this class can read and write memory outside of the heap on this JDK. */
  static boolean reachMemory() {
    return BUFFERS || LOAD_SEGMENT != null && STORE_SEGMENT != null;
  }

  /** The vector of {@code species}, which must be a constant, at float {@code i} of a window. */
  static FloatVector load(VectorSpecies<Float> species, Window from, int i) {
    try {
      return BUFFERS
          ? (FloatVector) LOAD_BUFFER.invokeExact(species, from.view, 4 * i, ORDER)
          : (FloatVector) LOAD_SEGMENT.invokeExact(species, from.address + 4L * i, ORDER);
    } catch (Throwable e) {
      throw new IllegalStateException("a vector at " + from.address + " + 4 * " + i, e);
    }
  }

  /** The widest vector at float {@code i} of a window. */
  static FloatVector load(Window from, int i) {
    return load(WIDE, from, i);
  }

  /** Writes a vector at float {@code i} of a window. */
  static void store(FloatVector vector, Window to, int i) {
    try {
      if (BUFFERS) {
        STORE_BUFFER.invokeExact(vector, to.view, 4 * i, ORDER);
      } else {
        STORE_SEGMENT.invokeExact(vector, to.address + 4L * i, ORDER);
      }
    } catch (Throwable e) {
      throw new IllegalStateException("a vector at " + to.address + " + 4 * " + i, e);
    }
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

  private static Object allMemory() {
    try {
      Object nothing = segmentClass().getField("NULL").get(null);
      return segmentClass().getMethod("reinterpret", long.class).invoke(nothing, Long.MAX_VALUE);
    } catch (ReflectiveOperationException e) {
      return null; // of another JDK
    }
  }
}
