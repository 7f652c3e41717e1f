package io.batchwright.kernel.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * One device of this process: its thread, its modules, and the workspace that kernels share. All
 * work goes to the device in one order, so what one kernel reads the kernel before has written.
 */
final class CudaDevice {
  private static final int STAGING_BYTES = 4 << 20;
  private static final long SMALLEST_WORKSPACE = 1 << 20;

  private final Driver driver;
  private final GpuThread thread;
  private final KernelTexts texts = KernelTexts.packaged();
  // Of the GPU thread.
  private final Map<String, Object> modules = new HashMap<>();
  private final Map<String, Object> functions = new HashMap<>();
  private ByteBuffer staging;
  // Written by the GPU thread for who holds the lock.
  private final Object workspaceLock = new Object();
  private long workspace;
  private long workspaceBytes;

  /** Takes the driver over. */
  CudaDevice(Driver driver, String threadName) {
    this.driver = driver;
    this.thread = new GpuThread(threadName);
    thread.ask(
        () -> {
          driver.attach();
          staging = driver.pinned(STAGING_BYTES).order(ByteOrder.LITTLE_ENDIAN);
          return null;
        });
  }

  Driver.Device properties() {
    return driver.device();
  }

  long allocate(long bytes) {
    return thread.ask(() -> driver.allocate(bytes));
  }

  void free(long address) {
    thread.post(() -> driver.free(address));
  }

  /** Starts a kernel after everything that was handed over before; does not wait. */
  void launch(Launch launch) {
    thread.post(() -> driver.launch(function(launch.kernel()), launch));
  }

  void copy(long from, long to, long bytes) {
    if (bytes > 0) {
      thread.post(() -> driver.copy(from, to, bytes));
    }
  }

  void zero(long address, long bytes) {
    if (bytes > 0) {
      thread.post(() -> driver.zero(address, bytes));
    }
  }

  /**
   * Copies {@code bytes} to the device, a staging block at a time.
   *
   * @param fill puts the next elements of the source at the start of the block it is given, whose
   *     limit says how many
   */
  void write(long to, long bytes, Filling fill) {
    transfer(
        bytes,
        (done, count) -> {
          fill.fill(block(count));
          driver.write(staging, to + done, count);
        });
  }

  /** Copies {@code bytes} from the device; the reverse of {@link #write}. */
  void read(long from, long bytes, Filling drain) {
    transfer(
        bytes,
        (done, count) -> {
          driver.read(from + done, staging, count);
          drain.fill(block(count));
        });
  }

  private void transfer(long bytes, Transfer part) {
    if (bytes == 0) {
      return;
    }
    thread.ask(
        () -> {
          for (long done = 0; done < bytes; done += STAGING_BYTES) {
            part.move(done, (int) Math.min(STAGING_BYTES, bytes - done));
          }
          return null;
        });
  }

  private ByteBuffer block(int bytes) {
    return staging.duplicate().order(ByteOrder.LITTLE_ENDIAN).position(0).limit(bytes);
  }

  /**
   * Lends device memory for what passes from one kernel to the next. What {@code work} hands over
   * is not mixed with what other threads do with the same memory.
   */
  void withWorkspace(long bytes, LongConsumer work) {
    synchronized (workspaceLock) {
      if (bytes > workspaceBytes) {
        thread.ask(
            () -> {
              growWorkspace(Math.max(SMALLEST_WORKSPACE, bytes));
              return null;
            });
      }
      work.accept(workspace);
    }
  }

  private void growWorkspace(long bytes) {
    if (workspace != 0) {
      driver.free(workspace); // waits for the kernels that use it
      workspace = 0;
      workspaceBytes = 0;
    }
    workspace = driver.allocate(bytes);
    workspaceBytes = bytes;
  }

  void synchronize() {
    thread.ask(
        () -> {
          driver.synchronize();
          return null;
        });
  }

  /** Loads everything now, so that nothing has to be compiled later. */
  void loadAll() {
    thread.ask(
        () -> {
          texts.kernels().forEach(this::function);
          return null;
        });
  }

  /** Hands over work of another library on the device's thread, after everything before. */
  void post(Runnable work) {
    thread.post(work);
  }

  /** Like {@link #post}, and waits for the result. */
  <T> T ask(Supplier<T> work) {
    return thread.ask(work);
  }

  private Object function(String kernel) {
    Object known = functions.get(kernel);
    if (known == null) {
      String file = texts.fileOf(kernel);
      Object module = modules.computeIfAbsent(file, name -> driver.module(texts.text(name)));
      known = driver.function(module, kernel);
      functions.put(kernel, known);
    }
    return known;
  }

  /** Moves the elements that lie between a buffer's position and its limit. */
  interface Filling {
    void fill(ByteBuffer block);
  }

  private interface Transfer {
    void move(long done, int count);
  }
}
