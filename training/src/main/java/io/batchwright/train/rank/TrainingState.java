package io.batchwright.train.rank;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.checkpoint.Attempt;
import io.batchwright.train.checkpoint.CheckpointManifest;
import io.batchwright.train.checkpoint.Checkpoints;
import io.batchwright.train.checkpoint.MetricsSegments;
import io.batchwright.train.checkpoint.Position;
import io.batchwright.train.checkpoint.Provenance;
import io.batchwright.train.collective.Collective;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.step.StepReport;
import io.batchwright.train.step.Trainee;
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
  private final String determinismKey;
  private final Attempt attempt;
  private final Checkpoints checkpoints;
  private final BackgroundCheckpoints background;
  private final MetricsSegments metrics;
  private final List<StepReport> unsaved = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
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
    this.attempt = attempt;
    this.determinismKey = determinismKey;
    this.checkpoints = new Checkpoints(spec.directory(), hadoop);
    this.background =
        new BackgroundCheckpoints(
            checkpoints, ranks, spec.recipe().keepCheckpoints(), spec.recipe().stepTimeout());
    this.metrics = new MetricsSegments(spec.directory(), hadoop);
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
        lastCheckpoint = found.get().folder();
      }
      metrics.dropAfter(position.step());
    }
    return share(position);
  }

  private Position share(Position own) {
    double[] numbers = new double[4];
    if (ranks.rank() == 0) {
      numbers = new double[] {own.step(), own.epoch(), own.stepInEpoch(), own.optimizerSteps()};
    }
    ranks.allReduce(numbers);
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

  /** Keeps a step's figures until the next checkpoint. */
  void record(StepReport report) {
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

  List<String> warnings() {
    return warnings;
  }

  @Override
  public void close() {
    background.close();
  }
}
