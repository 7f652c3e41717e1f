package io.batchwright.jobs.bench.dedup;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.List;

/**
 * The most heap that this process used since a moment, garbage included: an upper bound of what it
 * needed. In {@code local} mode the driver and all executors are this process.
 */
final class HeapPeak {
  private final List<MemoryPoolMXBean> pools;

  private HeapPeak(List<MemoryPoolMXBean> pools) {
    this.pools = pools;
  }

  /** Begins anew. */
  static HeapPeak start() {
    List<MemoryPoolMXBean> pools =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .toList();
    System.gc();
    pools.forEach(MemoryPoolMXBean::resetPeakUsage);
    return new HeapPeak(pools);
  }

  /** The sum of the pools' peaks, in GB. */
  double gigabytes() {
    return pools.stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum() / 1e9;
  }
}
