package io.batchwright.kernel.cpu;

import java.lang.reflect.Field;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import sun.misc.Unsafe;

/** Memory by address: the only class that holds {@code Unsafe}. Nothing here is checked. */
final class OffHeap {
  private static final Unsafe UNSAFE = unsafe();
  private static final long FLOATS = Unsafe.ARRAY_FLOAT_BASE_OFFSET;
  private static final long DOUBLES = Unsafe.ARRAY_DOUBLE_BASE_OFFSET;
  private static final long INTS = Unsafe.ARRAY_INT_BASE_OFFSET;
  private static final long BYTES = Unsafe.ARRAY_BYTE_BASE_OFFSET;
  private static final long BUFFER_ADDRESS = bufferField("address");
  private static final long BUFFER_CAPACITY = bufferField("capacity");

  private OffHeap() {}

  static long allocate(long bytes) {
    return UNSAFE.allocateMemory(bytes);
  }

  static void free(long address) {
    UNSAFE.freeMemory(address);
  }

  static void zero(long address, long bytes) {
    UNSAFE.setMemory(address, bytes, (byte) 0);
  }

  static void copy(long from, long to, long bytes) {
    UNSAFE.copyMemory(from, to, bytes);
  }

  /** A buffer over nothing, to be pointed somewhere. */
  static ByteBuffer view() {
    ByteBuffer view = ByteBuffer.allocateDirect(0).order(ByteOrder.nativeOrder());
    UNSAFE.putInt(view, BUFFER_CAPACITY, Integer.MAX_VALUE);
    view.limit(Integer.MAX_VALUE);
    return view;
  }

  /** Moves a {@link #view}, which then reaches 2 GB from {@code address} on, allocated or not. */
  static void point(ByteBuffer view, long address) {
    UNSAFE.putLong(view, BUFFER_ADDRESS, address);
  }

  /** Where a direct buffer lies. */
  static long addressOf(ByteBuffer direct) {
    return UNSAFE.getLong(direct, BUFFER_ADDRESS);
  }

  static void get(long address, float[] to, int count) {
    UNSAFE.copyMemory(null, address, to, FLOATS, 4L * count);
  }

  /** Into the elements from {@code first} on. */
  static void get(long address, float[] to, int first, int count) {
    UNSAFE.copyMemory(null, address, to, FLOATS + 4L * first, 4L * count);
  }

  static void get(long address, double[] to, int count) {
    UNSAFE.copyMemory(null, address, to, DOUBLES, 8L * count);
  }

  static void get(long address, int[] to, int count) {
    UNSAFE.copyMemory(null, address, to, INTS, 4L * count);
  }

  static void put(float[] from, long address, int count) {
    UNSAFE.copyMemory(from, FLOATS, null, address, 4L * count);
  }

  /** Of the elements from {@code first} on. */
  static void put(float[] from, int first, long address, int count) {
    UNSAFE.copyMemory(from, FLOATS + 4L * first, null, address, 4L * count);
  }

  static void put(double[] from, long address, int count) {
    UNSAFE.copyMemory(from, DOUBLES, null, address, 8L * count);
  }

  static void put(int[] from, long address, int count) {
    UNSAFE.copyMemory(from, INTS, null, address, 4L * count);
  }

  static void get(long address, ByteBuffer to) {
    int count = to.remaining();
    if (to.hasArray()) {
      UNSAFE.copyMemory(null, address, to.array(), BYTES + to.arrayOffset() + to.position(), count);
    } else {
      UNSAFE.copyMemory(address, UNSAFE.getLong(to, BUFFER_ADDRESS) + to.position(), count);
    }
    to.position(to.limit());
  }

  static void put(ByteBuffer from, long address) {
    int count = from.remaining();
    if (from.hasArray()) {
      UNSAFE.copyMemory(
          from.array(), BYTES + from.arrayOffset() + from.position(), null, address, count);
    } else if (from.isDirect()) {
      UNSAFE.copyMemory(UNSAFE.getLong(from, BUFFER_ADDRESS) + from.position(), address, count);
    } else { // a read-only view of an array
      byte[] bytes = new byte[count];
      from.get(bytes);
      UNSAFE.copyMemory(bytes, BYTES, null, address, count);
    }
    from.position(from.limit());
  }

  /** The bits of floats as ints: a copy, because C2 of JDK 17 does not vectorise the conversion. */
  static void bitsOf(float[] from, int[] to, int count) {
    UNSAFE.copyMemory(from, FLOATS, to, INTS, 4L * count);
  }

  /** The floats of these bits. */
  static void floatsOf(int[] from, float[] to, int count) {
    UNSAFE.copyMemory(from, INTS, to, FLOATS, 4L * count);
  }

  static int intAt(long address) {
    return UNSAFE.getInt(address);
  }

  static void putInt(long address, int value) {
    UNSAFE.putInt(address, value);
  }

  static long longAt(long address) {
    return UNSAFE.getLong(address);
  }

  static void putLong(long address, long value) {
    UNSAFE.putLong(address, value);
  }

  static float floatAt(long address) {
    return UNSAFE.getFloat(address);
  }

  static void putFloat(long address, float value) {
    UNSAFE.putFloat(address, value);
  }

  static double doubleAt(long address) {
    return UNSAFE.getDouble(address);
  }

  static void putDouble(long address, double value) {
    UNSAFE.putDouble(address, value);
  }

  static short shortAt(long address) {
    return UNSAFE.getShort(address);
  }

  static void putShort(long address, short value) {
    UNSAFE.putShort(address, value);
  }

  private static long bufferField(String name) {
    try {
      return UNSAFE.objectFieldOffset(Buffer.class.getDeclaredField(name));
    } catch (NoSuchFieldException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static Unsafe unsafe() {
    try {
      Field field = Unsafe.class.getDeclaredField("theUnsafe");
      field.setAccessible(true);
      return (Unsafe) field.get(null);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
