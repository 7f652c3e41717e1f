package io.batchwright.kernel.cuda;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * As much of the CUDA driver API as the backend uses, on one device. {@link NativeDriver} is the
 * real one; tests record launches instead. Calls are for the thread that {@link #attach attached}.
 * A failure is a {@link CudaFailure}.
 */
interface Driver {

  Device device();

  /** Makes the device's primary context current on the calling thread. */
  void attach();

  /**
   * A block of device memory, aligned to 256 bytes.
   *
   * @throws OutOfMemoryError if the device has no such block left; it works on
   */
  long allocate(long bytes);

  void free(long address);

  /** A direct buffer that the device reads and writes by itself, or an ordinary direct one. */
  ByteBuffer pinned(int bytes);

  /** Orders of work on the device; within one, each comes after the one that was started before. */
  enum Lane {
    /** Kernels, and the copies between them. */
    WORK,
    /** Copies to and from the host beside these. */
    BESIDE
  }

  /**
   * Copies the first {@code bytes} of a direct buffer to the device; returns before it has, so the
   * buffer must stay as it is until a mark that was made after this has been passed.
   */
  void write(Lane lane, ByteBuffer from, long to, int bytes);

  /**
   * Copies to the start of a direct buffer; returns before it has: {@link #await} a mark that was
   * made after this.
   */
  void read(Lane lane, long from, ByteBuffer to, int bytes);

  /**
   * Notes where in a lane the device stands with what was started so far.
   *
   * @param reuse a mark that is not needed any more, or null
   */
  Object mark(Lane lane, Object reuse);

  /** What is started in a lane from now on comes after a mark of the other one. */
  void follow(Lane lane, Object mark);

  /** Waits until the device has passed a mark; from any thread. */
  void await(Object mark);

  /** Notes the device's time when it stands there, with what was started so far done. */
  Object clock();

  /** From one clock to a later one. Waits for the later; both are used up. */
  double milliseconds(Object from, Object to);

  /** Copies within the device. */
  void copy(long from, long to, long bytes);

  void zero(long address, long bytes);

  /** Loads a module from the text of its PTX. */
  Object module(String ptx);

  /** Loads a module from a binary for the device's architecture. */
  Object module(byte[] binary);

  /** A kernel of a module. */
  Object function(Object module, String kernel);

  /** Starts a kernel; returns before it has run. */
  void launch(Object function, Launch launch);

  /**
   * A graph: launches that are started together, as often as wanted, and run one after the other.
   *
   * @param functions the kernel of each launch
   */
  Object graph(List<Object> functions, List<Launch> launches);

  /**
   * Puts another launch of the same kernel in the place of one of a graph; what was started before
   * runs as it was.
   */
  void set(Object graph, int place, Object function, Launch launch);

  /** Starts all launches of a graph; returns before they have run. */
  void start(Object graph);

  /** Gives back what a graph takes, as soon as it does not run any more. */
  void destroy(Object graph);

  /** Waits for everything that was started. */
  void synchronize();

  /**
   * What was found.
   *
   * @param name as the driver says it
   * @param major of the compute capability
   * @param minor of the compute capability
   * @param totalBytes of its memory
   * @param driverVersion the newest CUDA that the driver knows, as in 12040 for 12.4
   */
  record Device(String name, int major, int minor, long totalBytes, int driverVersion) {
    /** As in {@code NVIDIA H200, compute capability 9.0, CUDA 12.4}. */
    @Override
    public String toString() {
      return "%s, compute capability %d.%d, CUDA %d.%d"
          .formatted(name, major, minor, driverVersion / 1000, driverVersion % 1000 / 10);
    }
  }
}
