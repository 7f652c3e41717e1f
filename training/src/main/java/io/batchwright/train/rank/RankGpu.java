package io.batchwright.train.rank;

import io.batchwright.data.failure.BatchwrightException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;

/**
 * Which GPU a rank has. Where executors hold GPUs ({@code spark.executor.resource.gpu.amount}), the
 * stage of the ranks asks for one a task by a resource profile of its own, so that no other stage
 * needs one; Spark then tells each rank its address.
 */
final class RankGpu {
  private static final String RESOURCE = "gpu";
  private static final String OF_EXECUTORS = "spark.executor.resource.gpu.amount";
  private static final String OF_TASKS = "spark.task.resource.gpu.amount";
  private static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

  private RankGpu() {}

  /**
   * What the ranks' stage asks for beside a slot; empty where that is nothing.
   *
   * @param backend of the recipe
   * @throws BatchwrightException with exit code 4 if GPUs are asked for on a cluster whose
   *     executors hold none
   */
  static Optional<ResourceProfile> profile(SparkContext context, String backend) {
    boolean wanted = backend.equals("cuda") || backend.equals("auto");
    if (!wanted || context.isLocal()) {
      return Optional.empty(); // local mode has no resources; its ranks share the first GPU
    }
    SparkConf conf = context.conf();
    if (conf.getInt(OF_EXECUTORS, 0) == 0) {
      if (backend.equals("cuda")) {
        throw BatchwrightException.resources(
            "train.backend is cuda, but the executors hold no GPUs. Set %s=1 and spark.executor.resource.gpu.discoveryScript to bin/gpu-discovery."
                .formatted(OF_EXECUTORS));
      }
      return Optional.empty();
    }
    if (conf.getDouble(OF_TASKS, 0) > 0) {
      return Optional.empty(); // every task has one already
    }
    TaskResourceRequests oneEach =
        new TaskResourceRequests().cpus(conf.getInt("spark.task.cpus", 1)).resource(RESOURCE, 1);
    return Optional.of(new ResourceProfileBuilder().require(oneEach).build());
  }

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
