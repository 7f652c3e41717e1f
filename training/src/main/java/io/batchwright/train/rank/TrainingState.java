package io.batchwright.train.rank;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.checkpoint.Attempt;
import io.batchwright.train.checkpoint.BestValidation;
import io.batchwright.train.checkpoint.CheckpointManifest;
import io.batchwright.train.checkpoint.Checkpoints;
import io.batchwright.train.checkpoint.MemoryBank;
import io.batchwright.train.checkpoint.MetricsSegments;
import io.batchwright.train.checkpoint.Position;
import io.batchwright.train.checkpoint.Provenance;
import io.batchwright.train.collective.Collective;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.step.StepReport;
import io.batchwright.train.step.Trainee;
import io.batchwright.train.step.ValidationScores;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * What a rank keeps between steps, and how it is saved and brought back.
 *
 * <p>Each rank writes a part of a checkpoint; rank 0 alone reads it. A resume sends everything from
 * rank 0 to the others, so that ranks go on from the same bits, whatever their number was before.
 */
final class TrainingState implements AutoCloseable {
  private final Trainee trainee;
  private final Collective ranks;
  private final Provenance provenance;
  private final ValidationRecipe validation;
  private final String determinismKey;
  private final Attempt attempt;
  private final Checkpoints checkpoints;
  private final BackgroundCheckpoints background;
  private final MetricsSegments metrics;
  private final MemoryBank bank;
  private final List<StepReport> unsaved = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private BestValidation best;
  private String lastCheckpoint = "";
  private long savedStep = -1;

  TrainingState(
      Trainee trainee,
      Collective ranks,
      TrainSpec spec,
      Attempt attempt,
      String determinismKey,
      Configuration hadoop)
      throws IOException {
    this.trainee = trainee;
    this.ranks = ranks;
    this.provenance = spec.provenance();
    this.validation = spec.recipe().validation();
    this.best = BestValidation.NONE.exported(validation.exportBest());
    this.attempt = attempt;
    this.determinismKey = determinismKey;
    this.checkpoints = new Checkpoints(spec.directory(), hadoop);
    this.background =
        new BackgroundCheckpoints(
            checkpoints, ranks, spec.recipe().keepCheckpoints(), spec.recipe().stepTimeout());
    this.metrics = new MetricsSegments(spec.directory(), hadoop);
    this.bank = new MemoryBank(spec.directory(), hadoop);
  }

  /**
   * Goes back to the newest whole checkpoint.
   *
   * @return where training goes on; the start where there is no checkpoint
   * @throws BatchwrightException with exit code 3 if the newest checkpoint is of another model, of
   *     other data or of another format, or if none is whole
   */
  Position resume() throws IOException {
    Position position = Position.START;
    if (ranks.rank() == 0) {
      checkpoints.claim(attempt);
      Optional<Checkpoints.Found> found = checkpoints.newest();
      if (found.isPresent()) {
        compare(found.get());
        checkpoints.restore(found.get(), parameters(), trainee.optimizer().state());
        position = found.get().manifest().position();
        best = found.get().manifest().best().exported(validation.exportBest());
        lastCheckpoint = found.get().folder();
      }
      metrics.dropAfter(position.step());
      bank.dropAfter(position.step());
    }
    return share(position);
  }

  private Position share(Position own) {
    double[] numbers = new double[7];
    if (ranks.rank() == 0) {
      numbers =
          new double[] {
            own.step(),
            own.epoch(),
            own.stepInEpoch(),
            own.optimizerSteps(),
            best.value(),
            best.step(),
            best.since()
          };
    }
    ranks.allReduce(numbers);
    best =
        new BestValidation(
            numbers[4], (long) numbers[5], (int) numbers[6], validation.exportBest());
    Position position =
        new Position((long) numbers[0], (int) numbers[1], (long) numbers[2], (long) numbers[3]);
    if (position.step() > 0) {
      savedStep = position.step();
      parameters().values().forEach(tensor -> ranks.broadcast(tensor, 0));
      trainee.optimizer().state().values().forEach(tensor -> ranks.broadcast(tensor, 0));
      trainee.optimizer().resumeAt(position.optimizerSteps());
    }
    return position;
  }

  private void compare(Checkpoints.Found found) {
    CheckpointManifest manifest = found.manifest();
    String theirs = manifest.provenance().dataFingerprint();
    if (!theirs.equals(provenance.dataFingerprint())) {
      throw BatchwrightException.data(
          "The checkpoint %s was trained on other data (fingerprint %s, and these shards have %s); its place in the plan means nothing here."
              .formatted(found.folder(), theirs, provenance.dataFingerprint()));
    }
    found.damaged().forEach(why -> warnings.add("a newer checkpoint was passed over: " + why));
    if (!manifest.determinismKey().equals(determinismKey)) {
      warnings.add(
          "training goes on from a checkpoint of \"%s\" under \"%s\": the weights will not equal those of an uninterrupted run bit for bit"
              .formatted(manifest.determinismKey(), determinismKey));
    }
  }

  /** Keeps a step's figures until the next checkpoint, and whether it was the best. */
  void record(StepReport report) {
    if (!report.validation().equals(ValidationScores.NONE)) {
      ValidationRecipe.Monitor monitor = validation.monitor();
      best =
          best.and(
              monitor.of(report.validation()),
              report.step(),
              validation.minimumDelta(),
              monitor.lowerIsBetter());
    }
    if (ranks.rank() == 0) {
      unsaved.add(report);
    }
  }

  /**
   * Starts to write metrics and a checkpoint; does nothing when it did already. All ranks call it.
   *
   * @param step steps taken
   * @param epoch the epoch of the next step
   * @param stepInEpoch the number of the next step within its epoch
   */
  void save(long step, int epoch, long stepInEpoch) throws IOException {
    if (savedStep == step) {
      return;
    }
    Position position = new Position(step, epoch, stepInEpoch, trainee.optimizer().steps());
    List<StepReport> reports = List.copyOf(unsaved);
    unsaved.clear();
    background.start(
        new CheckpointManifest(
            CheckpointManifest.FORMAT,
            CheckpointManifest.VERSION,
            attempt,
            position,
            provenance,
            ranks.world(),
            determinismKey,
            best,
            List.of(),
            List.of(),
            List.of()),
        parameters(),
        trainee.optimizer().state(),
        () -> metrics.write(reports));
    savedStep = step;
    if (ranks.rank() == 0) {
      lastCheckpoint = checkpoints.folderOf(step);
    }
  }

  /** Publishes the checkpoint under way if it is written. All ranks call it after each step. */
  void poll() throws IOException {
    background.poll();
  }

  /** Waits until the last checkpoint is published. All ranks call it. */
  void finish() throws IOException {
    background.finish();
  }

  /** Whether validation has not become better for as long as the recipe has patience. */
  boolean impatient() {
    return validation.patience() > 0 && best.since() >= validation.patience();
  }

  /**
   * Takes the weights that the run ends with: those of the best validation, where the recipe says
   * so. All ranks call it, at the end.
   *
   * @param step steps taken
   * @return the step whose weights these are
   */
  long settle(long step) throws IOException {
    long ends = best.endsWith(step);
    if (ends != step) {
      if (ranks.rank() == 0) {
        Checkpoints.Found found = checkpoints.at(ends);
        checkpoints.restore(found, parameters());
        lastCheckpoint = found.folder();
      }
      parameters().values().forEach(tensor -> ranks.broadcast(tensor, 0));
    }
    return ends;
  }

  /** The best validation so far. */
  BestValidation best() {
    return best;
  }

  Map<String, Tensor> parameters() {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    for (Parameter parameter : trainee.parameters()) {
      parameters.put(parameter.name(), parameter.value());
    }
    return parameters;
  }

  String lastCheckpoint() {
    return lastCheckpoint;
  }

  String determinismKey() {
    return determinismKey;
  }

  void warn(String warning) {
    warnings.add(warning);
  }

  List<String> warnings() {
    return warnings;
  }

  @Override
  public void close() {
    background.close();
  }
}
