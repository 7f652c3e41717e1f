package io.batchwright.train.rank;

import io.batchwright.data.failure.BatchwrightException;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.apache.spark.resource.ResourceProfile;

/** Whether Spark can run all ranks at the same time, found out before the stage is submitted. */
public final class TaskSlots {
  private static final long POLL_MILLIS = 200;

  private TaskSlots() {}

  /**
   * Waits for executors to register, for as long as Spark itself does ({@code
   * spark.scheduler.maxRegisteredResourcesWaitingTime}), and then insists.
   *
   * <p>Spark's own check retries for ten minutes before it gives up.
   *
   * @return what the ranks' stage asks for beside a slot: several cores, a GPU; empty where that is
   *     nothing
   * @throws BatchwrightException with exit code 4 where the recipe's ranks cannot run at the same
   *     time, 2 under dynamic allocation
   */
  public static Optional<ResourceProfile> require(SparkContext context, TrainRecipe recipe) {
    Optional<ResourceProfile> profile = RankResources.profile(context, recipe);
    require(context, recipe.ranks(), recipe.threads(), profile);
    return profile;
  }

  private static void require(
      SparkContext context, int ranks, int threads, Optional<ResourceProfile> profile) {
    if (context.conf().getBoolean("spark.dynamicAllocation.enabled", false)) {
      throw BatchwrightException.usage(
          "Ranks cannot train under dynamic allocation: all of them must keep their executors. Set"
              + " spark.dynamicAllocation.enabled=false.");
    }
    long patience =
        context.isLocal()
            ? 0
            : context
                .conf()
                .getTimeAsMs("spark.scheduler.maxRegisteredResourcesWaitingTime", "30s");
    long deadline = System.nanoTime() + patience * 1_000_000;
    int slots = slots(context, profile);
    while (slots < ranks && System.nanoTime() < deadline) {
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for executors", e);
      }
      slots = slots(context, profile);
    }
    if (slots < ranks) {
      throw BatchwrightException.resources(
          "%d ranks need %d free task slots%s, but Spark offers %d. %s"
              .formatted(
                  ranks,
                  ranks,
                  profile.isPresent() && threads > 1 ? " of %d cores".formatted(threads) : "",
                  slots,
                  context.isLocal()
                      ? "Start it with --master 'local[%d]', or set ranks: %d."
                          .formatted(ranks, Math.max(1, slots))
                      : "Ask for more executors%s, or set ranks: %d."
                          .formatted(
                              profile.map(TaskSlots::each).orElse(" or cores"),
                              Math.max(1, slots))));
    }
  }

  private static String each(ResourceProfile profile) {
    return profile.taskResources().contains(RankGpu.RESOURCE)
        ? ", each with a GPU"
        : " with as many cores each as train.threads";
  }

  /** Internal to Spark, and what its own check reads; there is no public figure. */
  private static int slots(SparkContext context, Optional<ResourceProfile> profile) {
    profile.ifPresent(context.resourceProfileManager()::addResourceProfile);
    return context.maxNumConcurrentTasks(
        profile.orElseGet(context.resourceProfileManager()::defaultResourceProfile));
  }
}
