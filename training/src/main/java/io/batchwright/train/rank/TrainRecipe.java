package io.batchwright.train.rank;

import io.batchwright.kernel.Precision;
import io.batchwright.technique.Check;
import io.batchwright.technique.ConditionalSettings;
import io.batchwright.technique.DependentDefaults;
import io.batchwright.train.collective.RankContext;
import io.batchwright.train.graph.ParameterGroup;
import io.batchwright.train.language.NoTokenObjective;
import io.batchwright.train.language.TokenObjective;
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.loss.Loss;
import io.batchwright.train.model.Model;
import io.batchwright.train.model.Sight;
import io.batchwright.train.model.StaticEmbedding;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.optimizer.Optimizer;
import io.batchwright.train.schedule.Schedule;
import io.batchwright.train.step.NotFinite;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How to train, as a recipe says it.
 *
 * @param model the encoder, or the network of a language model
 * @param objective what a language model learns; {@link NoTokenObjective} trains on pairs
 * @param loss over pairs of embeddings; none is used beside a language model
 * @param optimizer the update rule
 * @param schedule the learning rate of each step; where a recipe names none, the {@link
 *     Model#usualSchedule} of its model
 * @param clipNorm largest norm of all gradients together; 0 leaves them as they are
 * @param epochs passes over the plan, at least 1; their shards must exist
 * @param ranks processes that train together, at least 1
 * @param threads cores that a rank on a CPU computes with, 1 to 256: on a cluster its task takes as
 *     many; without effect on a GPU
 * @param checkpointEverySteps steps between checkpoints, at least 1; the last step always has one
 * @param keepCheckpoints how many of the newest to keep, at least 1
 * @param stepTimeout longest wait for another rank
 * @param backend as {@code Backends.select} takes it: auto, cpu, cuda, java
 * @param precision float32, or bf16 for a GPU's tensor cores or a CPU's AMX
 * @param onNotFinite what to do when the loss or a gradient is not finite
 * @param memoryPerRankBytes most memory for parameters, optimizer state and activations of a rank;
 *     0 sets no limit
 * @param parameterGroups parameters with a rate factor, a decay factor or a freeze of their own;
 *     the first that holds a parameter's name counts
 * @param validation what is measured while training
 * @param socketsPerPeer connections over which a rank sends to another, 1 to 16: more where the
 *     network bounds what one of them carries
 */
public record TrainRecipe(
    Model model,
    TokenObjective objective,
    Loss loss,
    Optimizer optimizer,
    Schedule schedule,
    double clipNorm,
    int epochs,
    int ranks,
    int threads,
    int checkpointEverySteps,
    int keepCheckpoints,
    Duration stepTimeout,
    String backend,
    Precision precision,
    NotFinite onNotFinite,
    long memoryPerRankBytes,
    List<ParameterGroup> parameterGroups,
    ValidationRecipe validation,
    int socketsPerPeer)
    implements Serializable, ConditionalSettings, DependentDefaults {

  /** From here on a rate is seldom meant, as a multiple of the usual one; AdamW's alone compare. */
  private static final double DOUBTFUL_RATE = 20;

  private static final int MOST_THREADS = 256;

  /** StaticEmbedding, InfoNCE and AdamW as their papers have them, on two ranks. */
  public static final TrainRecipe DEFAULTS =
      new TrainRecipe(
          StaticEmbedding.PAPER,
          InfoNce.PAPER,
          AdamW.PAPER,
          StaticEmbedding.PAPER.usualSchedule(),
          0,
          1,
          2,
          100,
          2,
          Duration.ofMinutes(2),
          "auto",
          NotFinite.FAIL,
          0);

  /**
   * On one core a rank, in float32, without parameter groups, with the usual validation and number
   * of connections.
   */
  public TrainRecipe(
      Model model,
      Loss loss,
      Optimizer optimizer,
      Schedule schedule,
      double clipNorm,
      int epochs,
      int ranks,
      int checkpointEverySteps,
      int keepCheckpoints,
      Duration stepTimeout,
      String backend,
      NotFinite onNotFinite,
      long memoryPerRankBytes) {
    this(
        model,
        NoTokenObjective.PAPER,
        loss,
        optimizer,
        schedule,
        clipNorm,
        epochs,
        ranks,
        1,
        checkpointEverySteps,
        keepCheckpoints,
        stepTimeout,
        backend,
        Precision.FLOAT32,
        onNotFinite,
        memoryPerRankBytes,
        List.of(),
        ValidationRecipe.DEFAULTS,
        RankContext.USUAL_SOCKETS);
  }

  public TrainRecipe {
    Check.atLeast("TrainRecipe.clipNorm", clipNorm, 0);
    Check.atLeast("TrainRecipe.epochs", epochs, 1);
    Check.atLeast("TrainRecipe.ranks", ranks, 1);
    Check.range("TrainRecipe.threads", threads, 1, true, MOST_THREADS, true);
    Check.atLeast("TrainRecipe.checkpointEverySteps", checkpointEverySteps, 1);
    Check.atLeast("TrainRecipe.keepCheckpoints", keepCheckpoints, 1);
    Check.positive("TrainRecipe.stepTimeout", stepTimeout.toMillis());
    Check.oneOf("TrainRecipe.backend", backend, "auto", "cpu", "cuda", "java");
    Check.atLeast("TrainRecipe.memoryPerRankBytes", memoryPerRankBytes, 0);
    Check.range(
        "TrainRecipe.socketsPerPeer", socketsPerPeer, 1, true, RankContext.MOST_SOCKETS, true);
    parameterGroups = List.copyOf(parameterGroups);
    if (objective.onTokens()) {
      requireLanguageModel(model, objective, loss, validation);
    } else {
      Check.that(
          model.sight() != Sight.BEFORE,
          "TrainRecipe.model",
          "gives no vectors of texts: it needs objective: {name: CausalLanguageModel}");
    }
  }

  /** Beside a language model nothing may speak of pairs. */
  private static void requireLanguageModel(
      Model model, TokenObjective objective, Loss loss, ValidationRecipe validation) {
    String name = objective.getClass().getSimpleName();
    Check.that(
        loss.equals(InfoNce.PAPER),
        "TrainRecipe.loss",
        "must be left out: it is over pairs, and %s has a loss of its own".formatted(name));
    Check.that(
        validation.maximumPairs() == 0 && validation.monitor() == ValidationRecipe.Monitor.LOSS,
        "TrainRecipe.validation",
        "must have maximumPairs: 0 and monitor: LOSS for %s, which has no pairs to search among"
            .formatted(name));
    Check.that(
        model.sight() == objective.sight(),
        "TrainRecipe.model",
        "must have %s for %s, got %s of %s"
            .formatted(objective.sight(), name, model.sight(), model.getClass().getSimpleName()));
  }

  @Override
  public Optional<Object> defaultOf(String component, Map<String, Object> before) {
    return component.equals("schedule") && before.get("model") instanceof Model given
        ? Optional.of(given.usualSchedule())
        : Optional.empty();
  }

  @Override
  public Map<String, String> withoutEffect() {
    return backend.equals("cuda") && threads > 1
        ? Map.of("threads", "a GPU computes, which one thread keeps busy")
        : Map.of();
  }

  @Override
  public Map<String, String> doubtful() {
    Map<String, String> doubtful = new TreeMap<>();
    if (backend.equals("java") && precision == Precision.BF16) {
      doubtful.put("precision", "Java rounds to bf16 slower than it computes without");
    }
    double usual = model.usualSchedule().peakRate();
    if (optimizer instanceof AdamW && schedule.peakRate() >= DOUBTFUL_RATE * usual) {
      doubtful.put(
          "schedule",
          String.format(
              Locale.ROOT,
              "the peak rate of %s is %.0f times the usual %s of %s",
              schedule.peakRate(),
              schedule.peakRate() / usual,
              usual,
              model.getClass().getSimpleName()));
    }
    return doubtful;
  }

  /** This recipe with another number of epochs. */
  public TrainRecipe withEpochs(int other) {
    return new TrainRecipe(
        model,
        objective,
        loss,
        optimizer,
        schedule,
        clipNorm,
        other,
        ranks,
        threads,
        checkpointEverySteps,
        keepCheckpoints,
        stepTimeout,
        backend,
        precision,
        onNotFinite,
        memoryPerRankBytes,
        parameterGroups,
        validation,
        socketsPerPeer);
  }
}
