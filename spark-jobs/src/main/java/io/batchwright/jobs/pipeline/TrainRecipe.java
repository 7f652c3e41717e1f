package io.batchwright.jobs.pipeline;

import io.batchwright.technique.Check;
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.loss.Loss;
import io.batchwright.train.model.Model;
import io.batchwright.train.model.StaticEmbedding;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.optimizer.Optimizer;
import io.batchwright.train.schedule.Schedule;
import io.batchwright.train.schedule.WarmupCosine;
import java.io.Serializable;
import java.time.Duration;

/**
 * What is trained and how.
 *
 * @param ranks tasks that take synchronized steps, each in one slot of a barrier stage
 * @param model the encoder
 * @param loss what it minimizes
 * @param optimizer how it moves
 * @param schedule how far
 * @param clipNorm the largest global norm of a gradient; 0: no clipping
 * @param checkpointEverySteps steps between checkpoints; 0: only at the end of the run
 * @param keepCheckpoints how many of the newest stay
 * @param stepTimeout how long a rank waits for its peers before it names the one that is late
 * @param backend {@code auto}, {@code cpu} or {@code java}
 */
public record TrainRecipe(
    int ranks,
    Model model,
    Loss loss,
    Optimizer optimizer,
    Schedule schedule,
    double clipNorm,
    int checkpointEverySteps,
    int keepCheckpoints,
    Duration stepTimeout,
    String backend)
    implements Serializable {
  /** Two ranks, a static embedding of 512 dimensions, InfoNCE, AdamW, warm-up and cosine. */
  public static final TrainRecipe DEFAULTS =
      new TrainRecipe(
          2,
          new StaticEmbedding(512, StaticEmbedding.PAPER.initialStandardDeviation()),
          InfoNce.PAPER,
          AdamW.PAPER,
          WarmupCosine.PAPER,
          1,
          200,
          2,
          Duration.ofSeconds(60),
          "auto");

  public TrainRecipe {
    Check.range("TrainRecipe.ranks", ranks, 1, true, 4096, true);
    Check.atLeast("TrainRecipe.clipNorm", clipNorm, 0);
    Check.atLeast("TrainRecipe.checkpointEverySteps", checkpointEverySteps, 0);
    Check.atLeast("TrainRecipe.keepCheckpoints", keepCheckpoints, 1);
    Check.positive("TrainRecipe.stepTimeout (seconds)", stepTimeout.toMillis() / 1e3);
    Check.oneOf("TrainRecipe.backend", backend, "auto", "cpu", "java", "gpu");
  }
}
