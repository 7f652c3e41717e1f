package io.batchwright.train.rank;

import io.batchwright.kernel.Precision;
import io.batchwright.train.checkpoint.Provenance;
import io.batchwright.train.collective.RankContext;
import io.batchwright.train.graph.ParameterGroup;
import io.batchwright.train.language.NoTokenObjective;
import io.batchwright.train.language.TokenObjective;
import io.batchwright.train.language.Vocabulary;
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.loss.Loss;
import io.batchwright.train.model.Model;
import io.batchwright.train.model.StaticEmbedding;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.optimizer.Optimizer;
import io.batchwright.train.schedule.Schedule;
import io.batchwright.train.schedule.WarmupCosine;
import io.batchwright.train.step.NotFinite;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A run of a few steps on two ranks, with checkpoints after every second. It reads {@code shards}
 * of its folder and writes beside them; a test sets what it is about.
 */
final class SmallTraining {
  static final int VOCABULARY = 80;

  private final Path folder;
  private String shards = "shards";
  private String validationShards = "";
  private String scheme = "";
  private Vocabulary vocabulary = Vocabulary.of(VOCABULARY);
  private Model model = new StaticEmbedding(8, 1);
  private TokenObjective objective = NoTokenObjective.PAPER;
  private Loss loss = InfoNce.PAPER;
  private Optimizer optimizer = AdamW.PAPER;
  private Schedule schedule = new WarmupCosine(0.05, 2, 0, 0);
  private double clipNorm;
  private int epochs = 1;
  private int ranks = 2;
  private int threads = 1;
  private int checkpointEverySteps = 2;
  private String backend = "java";
  private long memoryPerRankBytes;
  private List<ParameterGroup> groups = List.of();
  private ValidationRecipe validation = ValidationRecipe.DEFAULTS;
  private long seed = 42;
  private String dataFingerprint = "data";

  private SmallTraining(Path folder) {
    this.folder = folder;
  }

  static SmallTraining in(Path folder) {
    return new SmallTraining(folder);
  }

  SmallTraining shards(String name) {
    shards = name;
    return this;
  }

  SmallTraining validatedOn(String name, ValidationRecipe how) {
    validationShards = name;
    validation = how;
    return this;
  }

  SmallTraining validation(ValidationRecipe how) {
    validation = how;
    return this;
  }

  /** Writes through another file system. */
  SmallTraining scheme(String prefix) {
    scheme = prefix;
    return this;
  }

  SmallTraining vocabulary(int size) {
    vocabulary = Vocabulary.of(size);
    return this;
  }

  /** A language model. */
  SmallTraining learns(TokenObjective what, Vocabulary of) {
    objective = what;
    vocabulary = of;
    validation = new ValidationRecipe(0, ValidationRecipe.Monitor.LOSS, 0, 0, false);
    return this;
  }

  SmallTraining model(Model other) {
    model = other;
    return this;
  }

  SmallTraining loss(Loss other) {
    loss = other;
    return this;
  }

  SmallTraining optimizer(Optimizer other, Schedule rate) {
    optimizer = other;
    schedule = rate;
    return this;
  }

  SmallTraining clipNorm(double most) {
    clipNorm = most;
    return this;
  }

  SmallTraining epochs(int number) {
    epochs = number;
    return this;
  }

  SmallTraining ranks(int number) {
    ranks = number;
    return this;
  }

  SmallTraining checkpointEvery(int steps) {
    checkpointEverySteps = steps;
    return this;
  }

  SmallTraining backend(String name) {
    backend = name;
    return this;
  }

  SmallTraining threads(int number) {
    threads = number;
    return this;
  }

  SmallTraining memoryPerRank(long bytes) {
    memoryPerRankBytes = bytes;
    return this;
  }

  SmallTraining groups(ParameterGroup... members) {
    groups = List.of(members);
    return this;
  }

  SmallTraining seed(long other) {
    seed = other;
    return this;
  }

  SmallTraining dataFingerprint(String other) {
    dataFingerprint = other;
    return this;
  }

  /** The run that writes to {@code name}. */
  TrainSpec spec(String name) {
    TrainRecipe recipe =
        new TrainRecipe(
            model,
            objective,
            loss,
            optimizer,
            schedule,
            clipNorm,
            epochs,
            ranks,
            threads,
            checkpointEverySteps,
            2,
            Duration.ofSeconds(20),
            backend,
            Precision.FLOAT32,
            NotFinite.FAIL,
            memoryPerRankBytes,
            groups,
            validation,
            RankContext.USUAL_SOCKETS);
    return new TrainSpec(
        recipe,
        folder.resolve(shards).toString(),
        validationShards.isEmpty() ? "" : folder.resolve(validationShards).toString(),
        scheme + folder.resolve(name),
        vocabulary,
        new Provenance("run", seed, "config", dataFingerprint, "commit"),
        RunKey.draw());
  }
}
