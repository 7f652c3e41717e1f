package io.batchwright.kernel.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import jcuda.Pointer;

/**
 * Parameters of one launch at a time, as JCuda takes them: through one direct buffer, whose places
 * it was told once. JCuda 12.6.0 needs about 3 us for that and 8 with pointers made anew.
 */
final class NativeParameters {
  private final ByteBuffer slots =
      ByteBuffer.allocateDirect(8 * Launch.MOST_PARAMETERS).order(ByteOrder.LITTLE_ENDIAN);
  private final List<Pointer> byCount = new ArrayList<>();

  NativeParameters() {
    List<Pointer> places = new ArrayList<>();
    byCount.add(new Pointer());
    for (int i = 0; i < Launch.MOST_PARAMETERS; i++) {
      places.add(Pointer.to(slots).withByteOffset(8L * i));
      byCount.add(Pointer.to(places.toArray(new Pointer[0])));
    }
  }

  /** Those of a launch, until another one is asked for. */
  Pointer of(Launch launch) {
    for (int i = 0; i < launch.count(); i++) {
      slots.putLong(8 * i, launch.slot(i));
    }
    return byCount.get(launch.count());
  }
}
