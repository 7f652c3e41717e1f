package io.batchwright.train.rank;

import io.batchwright.tensor.Tensor;
import io.batchwright.train.checkpoint.Attempt;
import io.batchwright.train.checkpoint.CheckpointManifest;
import io.batchwright.train.checkpoint.Checkpoints;
import io.batchwright.train.checkpoint.MetricsSegments;
import io.batchwright.train.checkpoint.Position;
import io.batchwright.train.checkpoint.Provenance;
import io.batchwright.train.checkpoint.WeightsHash;
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
 * <p>Rank 0 alone reads and writes; a resume sends everything from rank 0 to the others, so that
 * ranks go on from the same bits, whatever their number was before.
 */
final class TrainingState {
  private final Trainee trainee;
  private final Collective ranks;
  private final int keep;
  private final Provenance provenance;
  private final String determinismKey;
  private final Attempt attempt;
  private final Checkpoints checkpoints;
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
    this.keep = spec.recipe().keepCheckpoints();
    this.ranks = ranks;
    this.provenance = spec.provenance();
    this.attempt = attempt;
    this.determinismKey = determinismKey;
    this.checkpoints = new Checkpoints(spec.directory(), hadoop);
    this.metrics = new MetricsSegments(spec.directory(), hadoop);
  }

  /**
   * Goes back to the newest whole checkpoint.
   *
   * @return where training goes on; the start where there is no checkpoint
   */
  Position resume() throws IOException {
    Position position = Position.START;
    if (ranks.rank() == 0) {
      checkpoints.claim(attempt);
      Optional<Checkpoints.Found> found = checkpoints.newest();
      if (found.isPresent()) {
        checkpoints.restore(found.get(), parameters(), trainee.optimizer().state());
        position = found.get().manifest().position();
        lastCheckpoint = found.get().folder();
        savedStep = position.step();
        compare(found.get().manifest());
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
      parameters().values().forEach(tensor -> ranks.broadcast(tensor, 0));
      trainee.optimizer().state().values().forEach(tensor -> ranks.broadcast(tensor, 0));
      trainee.optimizer().resumeAt(position.optimizerSteps());
    }
    return position;
  }

  private void compare(CheckpointManifest manifest) {
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
   * Writes metrics, then a checkpoint; does nothing on ranks other than 0, or when it did already.
   *
   * @param step steps taken
   * @param epoch the epoch of the next step
   * @param stepInEpoch the number of the next step within its epoch
   */
  void save(long step, int epoch, long stepInEpoch) throws IOException {
    if (ranks.rank() != 0 || savedStep == step) {
      return;
    }
    Position position = new Position(step, epoch, stepInEpoch, trainee.optimizer().steps());
    metrics.write(unsaved);
    unsaved.clear();
    Map<String, Tensor> parameters = parameters();
    lastCheckpoint =
        checkpoints.write(
            new CheckpointManifest(
                CheckpointManifest.FORMAT,
                CheckpointManifest.VERSION,
                attempt,
                position,
                provenance,
                ranks.world(),
                determinismKey,
                WeightsHash.of(parameters),
                List.of()),
            parameters,
            trainee.optimizer().state());
    savedStep = position.step();
    checkpoints.prune(keep);
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
}
