package io.batchwright.kernel.cpu;

import java.lang.reflect.Constructor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * Direct buffers over memory that is not theirs: sockets write from tensors and read into them
 * without a copy between. The JDK has no public way; where {@code java.nio} is not open (Spark and
 * our launcher open it), there are none, and callers copy.
 */
final class MemoryView {
  private static final Constructor<?> CONSTRUCTOR = constructor();

  private MemoryView() {}

  /** The little-endian bytes from {@code address} on; valid while their owner is. */
  static Optional<ByteBuffer> of(long address, int bytes) {
    if (CONSTRUCTOR == null) {
      return Optional.empty();
    }
    try {
      Object buffer =
          CONSTRUCTOR.getParameterTypes()[1] == long.class
              ? CONSTRUCTOR.newInstance(address, (long) bytes)
              : CONSTRUCTOR.newInstance(address, bytes);
      return Optional.of(((ByteBuffer) buffer).order(ByteOrder.LITTLE_ENDIAN));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a buffer over an address was not made", e);
    }
  }

  private static Constructor<?> constructor() {
    for (Class<?> length : new Class<?>[] {int.class, long.class}) { // JDK 17, JDK 21
      try {
        Constructor<?> constructor =
            ByteBuffer.allocateDirect(0).getClass().getDeclaredConstructor(long.class, length);
        constructor.setAccessible(true);
        return constructor;
      } catch (NoSuchMethodException other) {
        continue;
      } catch (RuntimeException closed) { // InaccessibleObjectException
        LoggerFactory.getLogger(MemoryView.class)
            .info("java.nio is not open: data is copied between tensors and sockets");
        return null;
      }
    }
    return null;
  }
}
