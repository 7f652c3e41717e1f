package io.batchwright.kernel.cuda;

import io.batchwright.tensor.ArenaLedger;
import io.batchwright.tensor.ArenaLimitException;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * One device of this process: its thread, its modules, and the workspace that kernels share. All
 * work goes to the device in one order, so what one kernel reads the kernel before has written.
 */
final class CudaDevice {
  private static final long SMALLEST_WORKSPACE = 1 << 20;
  private static final Duration PAUSE = Duration.ofNanos(100_000); // of 30 to 100 launches

  private final Driver driver;
  private final GpuThread thread;
  private final Transfers transfers;
  private final KernelTexts texts = KernelTexts.packaged();
  private final Modules modules; // of the GPU thread
  private final LaunchGraphs graphs; // of the GPU thread
  // Written by the GPU thread for who holds the lock.
  private final Object workspaceLock = new Object();
  private long workspace;
  private long workspaceBytes;

  /** Takes the driver over, with the kernels as they are shipped. */
  CudaDevice(Driver driver, String threadName) {
    this(driver, threadName, KernelBinaries.NONE);
  }

  /** Takes the driver over. */
  CudaDevice(Driver driver, String threadName, KernelBinaries binaries) {
    this(driver, threadName, binaries, PAUSE);
  }

  /**
   * Takes the driver over.
   *
   * @param pause how long launches wait for more of their graph
   */
  CudaDevice(Driver driver, String threadName, KernelBinaries binaries, Duration pause) {
    this.driver = driver;
    this.modules = new Modules(driver, texts, binaries);
    this.graphs = new LaunchGraphs(driver, modules);
    this.thread = new GpuThread(threadName, graphs, pause);
    this.transfers = new Transfers(driver, thread);
    thread.ask(
        () -> {
          driver.attach();
          return null;
        });
  }

  Driver.Device properties() {
    return driver.device();
  }

  /** Stands for all kernels' sources. */
  String kernelsHash() {
    return texts.hash();
  }

  /** What compiled the kernels on this host; empty where they are the shipped ones. */
  String compiler() {
    return thread.ask(modules::compiler);
  }

  long allocate(long bytes) {
    return thread.ask(() -> driver.allocate(bytes));
  }

  void free(long address) {
    thread.release(() -> driver.free(address));
  }

  /** Starts a kernel after everything that was handed over before; does not wait. */
  void launch(Launch launch) {
    thread.launch(launch);
  }

  /**
   * Whether launches are started as graphs where they come again. What runs, and in which order, is
   * the same. All graphs so far are given back.
   *
   * @return whether they were until now
   */
  boolean useGraphs(boolean wanted) {
    boolean before = thread.gather(wanted);
    thread.ask(
        () -> {
          graphs.drop();
          return null;
        });
    return before;
  }

  /** Whether launches that come again are to be started as graphs. */
  boolean usesGraphs() {
    return thread.gathers();
  }

  /** What was started as graphs. */
  LaunchGraphs.Counts graphs() {
    return thread.ask(graphs::counts);
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

  /** What copies between the host and this device. */
  Transfers transfers() {
    return transfers;
  }

  /**
   * Lends device memory for what passes from one kernel to the next. What {@code work} hands over
   * is not mixed with what other threads do with the same memory.
   *
   * @throws ArenaLimitException if the device has not that much left; it works on
   */
  void withWorkspace(long bytes, LongConsumer work) {
    synchronized (workspaceLock) {
      if (bytes > workspaceBytes) {
        try {
          thread.ask(
              () -> {
                growWorkspace(Math.max(SMALLEST_WORKSPACE, bytes));
                return null;
              });
        } catch (OutOfMemoryError e) {
          throw new ArenaLimitException(
              String.format(
                  Locale.ROOT,
                  "the memory of %s is used up: a kernel asked for %,d bytes beside %,d reserved by"
                      + " all arenas; %s",
                  driver.device(),
                  bytes,
                  ArenaLedger.reservedBytes(),
                  ArenaLedger.largest()),
              e);
        }
      }
      work.accept(workspace);
    }
  }

  /** Gives back the memory that was lent; who asks for some later waits for the device again. */
  void freeWorkspace() {
    synchronized (workspaceLock) {
      thread.ask(
          () -> {
            dropWorkspace();
            return null;
          });
    }
  }

  private void growWorkspace(long bytes) {
    dropWorkspace();
    workspace = driver.allocate(bytes);
    workspaceBytes = bytes;
  }

  private void dropWorkspace() {
    if (workspace != 0) {
      driver.free(workspace); // waits for the kernels that use it
      workspace = 0;
      workspaceBytes = 0;
    }
  }

  /**
   * How long the device needs for what {@code work} hands over, by its own clock. Waits for it;
   * what other threads hand over meanwhile is counted with it.
   */
  double milliseconds(Runnable work) {
    Object[] clocks = new Object[2]; // of the GPU thread
    thread.post(() -> clocks[0] = driver.clock());
    work.run();
    thread.post(() -> clocks[1] = driver.clock());
    return thread.ask(() -> driver.milliseconds(clocks[0], clocks[1]));
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
          texts.kernels().forEach(modules::function);
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
}
