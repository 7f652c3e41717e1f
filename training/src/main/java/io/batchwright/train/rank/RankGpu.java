package io.batchwright.train.rank;

import io.batchwright.data.failure.BatchwrightException;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/** Which GPU a rank has: Spark tells each its address where {@link RankResources} asked for one. */
final class RankGpu {
  static final String RESOURCE = "gpu";
  private static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

  private RankGpu() {}

  /** The GPU of a task, counted over those that its process sees; the first without resources. */
  static int of(TaskContext task) {
    ResourceInformation assigned = task.resourcesJMap().get(RESOURCE);
    return assigned == null || assigned.addresses().length == 0
        ? 0
        : ordinal(assigned.addresses()[0], System.getenv(VISIBLE));
  }

  /**
   * Where an address stands among the visible devices.
   *
   * @param address as the discovery script printed it
   * @param visible the value of {@code CUDA_VISIBLE_DEVICES}, or null
   */
  static int ordinal(String address, String visible) {
    List<String> devices =
        visible == null ? List.of() : Arrays.stream(visible.split(",")).map(String::strip).toList();
    if (devices.contains(address)) {
      return devices.indexOf(address);
    }
    try {
      return Integer.parseInt(address);
    } catch (NumberFormatException e) {
      throw BatchwrightException.resources(
          "Spark gave this rank the GPU '%s', which is neither a number nor in %s=%s: bin/gpu-discovery prints numbers."
              .formatted(address, VISIBLE, visible),
          e);
    }
  }
}
