package io.batchwright.train.rank;

import io.batchwright.data.failure.BatchwrightException;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;

/**
 * What a rank asks Spark for. Where executors hold GPUs ({@code
 * spark.executor.resource.gpu.amount}), the stage of the ranks asks for one a task by a resource
 * profile of its own, so that no other stage needs one; and for as many cores a task as a rank
 * computes with.
 */
final class RankResources {
  private static final String OF_EXECUTORS = "spark.executor.resource.gpu.amount";
  private static final String OF_TASKS = "spark.task.resource.gpu.amount";
  private static final String CORES = "spark.task.cpus";

  private RankResources() {}

  /**
   * What the ranks' stage asks for beside a slot; empty where that is nothing.
   *
   * @throws BatchwrightException with exit code 4 if GPUs are asked for on a cluster whose
   *     executors hold none
   */
  static Optional<ResourceProfile> profile(SparkContext context, TrainRecipe recipe) {
    if (context.isLocal()) {
      return Optional.empty(); // no resources in local mode; its ranks share the first GPU
    }
    int usual = context.conf().getInt(CORES, 1);
    if (asksForGpu(context.conf(), recipe.backend())) {
      return Optional.of(of(new TaskResourceRequests().cpus(usual).resource(RankGpu.RESOURCE, 1)));
    }
    if (onCpu(context.conf(), recipe.backend()) && recipe.threads() > usual) {
      return Optional.of(of(new TaskResourceRequests().cpus(recipe.threads())));
    }
    return Optional.empty();
  }

  /**
   * Why ranks will wait for cores in local mode, where a task has one slot whatever it needs; empty
   * where they will not.
   */
  static Optional<String> crowded(SparkContext context, TrainRecipe recipe) {
    int cores = context.defaultParallelism();
    long wanted = (long) recipe.ranks() * recipe.threads();
    return context.isLocal() && recipe.threads() > 1 && wanted > cores
        ? Optional.of(
            "%d ranks of %d threads share %d cores of %s: more threads than cores make steps slower."
                .formatted(recipe.ranks(), recipe.threads(), cores, context.master()))
        : Optional.empty();
  }

  private static boolean asksForGpu(SparkConf conf, String backend) {
    boolean wanted = backend.equals("cuda") || backend.equals("auto");
    if (!wanted) {
      return false;
    }
    if (conf.getInt(OF_EXECUTORS, 0) == 0) {
      if (backend.equals("cuda")) {
        throw BatchwrightException.resources(
            "train.backend is cuda, but the executors hold no GPUs. Set %s=1 and spark.executor.resource.gpu.discoveryScript to bin/gpu-discovery."
                .formatted(OF_EXECUTORS));
      }
      return false;
    }
    return conf.getDouble(OF_TASKS, 0) == 0; // otherwise every task has one already
  }

  /** Whether ranks compute on cores: not where their executors hold GPUs that they may use. */
  private static boolean onCpu(SparkConf conf, String backend) {
    return backend.equals("cpu")
        || backend.equals("java")
        || backend.equals("auto") && conf.getInt(OF_EXECUTORS, 0) == 0;
  }

  private static ResourceProfile of(TaskResourceRequests requests) {
    return new ResourceProfileBuilder().require(requests).build();
  }
}
