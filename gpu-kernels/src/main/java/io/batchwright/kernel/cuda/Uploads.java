package io.batchwright.kernel.cuda;

import io.batchwright.tensor.DType;

/** Arrays of the host that lie one after the other in a workspace for the kernels to come. */
final class Uploads {
  private static final int ALIGNMENT = 64;

  private final CudaDevice device;
  private final long end;
  private long at;

  private Uploads(CudaDevice device, long address, long bytes) {
    this.device = device;
    this.at = address;
    this.end = address + bytes;
  }

  /** How many bytes an array of that many bytes takes. */
  static long room(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Lends a workspace of {@code bytes} to fill. */
  static void with(CudaDevice device, long bytes, Use use) {
    device.withWorkspace(bytes, address -> use.of(new Uploads(device, address, bytes)));
  }

  /** Room for what kernels write. */
  long reserve(long bytes) {
    long address = at;
    at += room(bytes);
    if (at > end) {
      throw new IllegalStateException("the workspace is too small");
    }
    return address;
  }

  long put(int[] values) {
    long address = reserve(4L * values.length);
    device.transfers().write(values, address);
    return address;
  }

  long put(double[] values) {
    long address = reserve(8L * values.length);
    device.transfers().write(values, address);
    return address;
  }

  /** In the type of the tensors. */
  long put(DType dtype, double[] values) {
    if (dtype == DType.F64) {
      return put(values);
    }
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits((float) values[i]);
    }
    return put(bits);
  }

  interface Use {
    void of(Uploads uploads);
  }
}
