package io.batchwright.train.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.data.batch.ShardFolder;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.train.checkpoint.Attempt;
import io.batchwright.train.checkpoint.MetricsSegments;
import io.batchwright.train.checkpoint.StingyFileSystem;
import io.batchwright.train.collective.Ranks;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.loss.CustomLoss;
import io.batchwright.train.loss.EmbeddingPairs;
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.model.StaticEmbedding;
import io.batchwright.train.rank.ValidationRecipe.Monitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs of two ranks in threads: checkpoints, resume, metrics. */
class RankTrainingTest {

  @TempDir Path folder;

  @BeforeEach
  void writeShards() throws Exception {
    ShardFolder.write(shards(), 0, 4, SmallTraining.VOCABULARY, 16, 13, 16, 3, 16);
    ShardFolder.write(shards(), 1, 4, SmallTraining.VOCABULARY, 16, 16, 1, 16, 9);
  }

  @Test
  void aRunThatWasCutGoesOnAndEndsWithTheSameWeightsBitForBit() throws Exception {
    RankReport whole = train(2, small().spec("whole"), 0).get(0);
    assertThat(whole.steps()).isEqualTo(10);
    assertThat(whole.resumedFrom()).isEqualTo(-1);

    FailsAtCall.calls.set(0);
    TrainSpec cut =
        small().loss(new FailsAtCall(2 * 7 + 1)).spec("cut"); // in the second epoch, at step 8
    assertThatThrownBy(() -> train(2, cut, 0)).hasMessageContaining("cut here");
    RankReport resumed = train(2, cut, 1).get(0);
    // That of step 6 may have been under way.
    assertThat(resumed.resumedFrom()).isIn(4L, 6L);
    assertThat(resumed.stepsTaken()).isEqualTo(10 - resumed.resumedFrom());
    assertThat(resumed.weightsSha256()).isEqualTo(whole.weightsSha256());
    assertThat(resumed.finalLoss()).isEqualTo(whole.finalLoss());
    assertThat(resumed.warnings()).isEmpty();
    assertThat(steps("cut")).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
  }

  @Test
  void checkpointsChangeNothing() throws Exception {
    RankReport often = train(2, small().spec("often"), 0).get(0);
    TrainSpec rarely = small().checkpointEvery(1000).spec("rarely");
    assertThat(train(2, rarely, 0).get(0).weightsSha256()).isEqualTo(often.weightsSha256());
  }

  @Test
  void validationIsMeasuredAtCheckpointsAndChangesNothing() throws Exception {
    RankReport plain = train(2, small().checkpointEvery(4).spec("plain"), 0).get(0);
    TrainSpec validated =
        small()
            .checkpointEvery(4)
            .validatedOn("shards", ValidationRecipe.DEFAULTS)
            .spec("validated");
    RankReport report = train(2, validated, 0).get(0);
    assertThat(report.weightsSha256()).isEqualTo(plain.weightsSha256());
    assertThat(steps("validated")).hasSize(10);
    List<Integer> measured = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("validated/metrics.jsonl"))) {
      var json = new ObjectMapper().readTree(line);
      if (json.has("validation_loss")) {
        measured.add(json.get("step").asInt());
        assertThat(json.get("validation_loss").asDouble()).isBetween(0.0, 20.0);
      }
    }
    assertThat(measured).containsExactly(4, 8, 10);
  }

  @Test
  void theMiniCorpusIsTheSameOnAnyNumberOfRanks() throws Exception {
    SmallTraining validated =
        small()
            .checkpointEvery(4)
            .validatedOn("shards", new ValidationRecipe(40, Monitor.MRR10, 0, 0, false));
    RankReport two = train(2, validated.spec("mini"), 0).get(0);
    train(3, validated.spec("mini of three"), 0);
    List<JsonNode> lines = validated("mini");
    List<JsonNode> ofThree = validated("mini of three");
    assertThat(lines).hasSize(3);
    for (int i = 0; i < lines.size(); i++) {
      for (String figure : List.of("ndcg10", "mrr10", "recall10")) {
        double measured = lines.get(i).get("validation_" + figure).asDouble();
        assertThat(measured).isBetween(0.05, 1.0);
        assertThat(ofThree.get(i).get("validation_" + figure).asDouble())
            .isCloseTo(measured, within(0.03));
      }
    }
    assertThat(two.best().step()).isIn(4L, 8L, 10L);
    assertThat(two.best().value())
        .isEqualTo(
            lines.stream()
                .mapToDouble(l -> l.get("validation_mrr10").asDouble())
                .max()
                .getAsDouble());
    assertThat(two.stoppedEarly()).isFalse();
    assertThat(two.weightsStep()).isEqualTo(10);
  }

  @Test
  void trainingEndsWhenPatienceDoesWithTheBestWeightsAlsoAfterACut() throws Exception {
    ValidationRecipe patient = new ValidationRecipe(20, Monitor.LOSS, 2, 10, true);
    TrainSpec spec = small().validatedOn("shards", patient).spec("stopped");
    RankReport stopped = train(2, spec, 0).get(0);
    assertThat(stopped.steps()).isEqualTo(6);
    assertThat(stopped.stoppedEarly()).isTrue();
    assertThat(stopped.best().step()).isEqualTo(2);
    assertThat(stopped.weightsStep()).isEqualTo(2);
    assertThat(steps("stopped")).containsExactly(1, 2, 3, 4, 5, 6);
    try (var files = Files.list(folder.resolve("stopped/checkpoints"))) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("claims", "step-00000002", "step-00000004", "step-00000006");
    }
    ValidationRecipe lastOnes = new ValidationRecipe(20, Monitor.LOSS, 2, 10, false);
    RankReport last = train(2, small().validatedOn("shards", lastOnes).spec("last"), 0).get(0);
    assertThat(last.weightsStep()).isEqualTo(6);
    assertThat(last.weightsSha256()).isNotEqualTo(stopped.weightsSha256());

    // Two ranks, two steps and five validation batches twice, then in the fifth step.
    FailsAtCall.calls.set(0);
    TrainSpec cut =
        small()
            .loss(new FailsAtCall(2 * (2 + 5) * 2 + 1))
            .validatedOn("shards", patient)
            .spec("stopped after a cut");
    assertThatThrownBy(() -> train(2, cut, 0)).hasMessageContaining("cut here");
    RankReport resumed = train(2, cut, 1).get(0);
    assertThat(resumed.resumedFrom()).isIn(2L, 4L);
    assertThat(resumed.steps()).isEqualTo(6);
    assertThat(resumed.best()).isEqualTo(stopped.best());
    assertThat(resumed.weightsSha256()).isEqualTo(stopped.weightsSha256());
    assertThat(exported("stopped after a cut")).isEqualTo(exported("stopped"));
    assertThat(exported("last")).isNotEqualTo(exported("stopped"));

    RankReport again = train(2, cut, 2).get(0);
    assertThat(again.stepsTaken()).isZero();
    assertThat(again.stoppedEarly()).isTrue();
    assertThat(again.weightsSha256()).isEqualTo(stopped.weightsSha256());

    org.apache.hadoop.fs.FileUtil.fullyDelete(
        folder.resolve("stopped after a cut/checkpoints/step-00000002").toFile());
    assertThatThrownBy(() -> train(2, cut, 3))
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(3))
        .hasMessageContaining("step-00000002, is gone");
  }

  private List<Float> exported(String name) throws Exception {
    List<Float> values = new ArrayList<>();
    for (float value :
        BarrierTraining.finalWeights(folder.resolve(name).toString(), new Configuration())
            .get(0)
            .values()) {
      values.add(value);
    }
    return values;
  }

  private List<JsonNode> validated(String name) throws Exception {
    steps(name);
    List<JsonNode> validated = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(name + "/metrics.jsonl"))) {
      JsonNode json = new ObjectMapper().readTree(line);
      if (json.has("validation_loss")) {
        validated.add(json);
      }
    }
    return validated;
  }

  @Test
  void anotherNumberOfRanksGoesOnFromTheCheckpointWithAWarning() throws Exception {
    FailsAtCall.calls.set(0);
    TrainSpec spec = small().loss(new FailsAtCall(2 * 5 + 1)).spec("worlds");
    assertThatThrownBy(() -> train(2, spec, 0)).hasMessageContaining("cut here");
    List<RankReport> four = train(4, spec, 1);
    assertThat(four).hasSize(4);
    assertThat(four.get(0).resumedFrom()).isIn(2L, 4L);
    assertThat(four.get(0).steps()).isEqualTo(10);
    assertThat(four.get(0).warnings()).singleElement().asString().contains("2 ranks");
    assertThat(four)
        .allSatisfy(r -> assertThat(r.weightsSha256()).isEqualTo(four.get(0).weightsSha256()));
  }

  @Test
  void aFinishedRunIsNotTrainedAgain() throws Exception {
    RankReport first = train(2, small().spec("done"), 0).get(0);
    RankReport again = train(2, small().spec("done"), 1).get(0);
    assertThat(again.stepsTaken()).isZero();
    assertThat(again.steps()).isEqualTo(10);
    assertThat(again.weightsSha256()).isEqualTo(first.weightsSha256());
  }

  @Test
  void onlyTheNewestCheckpointsAreKept() throws Exception {
    train(2, small().spec("kept"), 0);
    try (var files = Files.list(folder.resolve("kept/checkpoints"))) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("claims", "step-00000008", "step-00000010");
    }
  }

  @Test
  void aCheckpointOfAnotherModelOrOfOtherDataIsRefusedAndKept() throws Exception {
    RankReport first = train(2, small().spec("kept whole"), 0).get(0);
    TrainSpec wider = small().model(new StaticEmbedding(9, 1)).spec("kept whole");
    assertThatThrownBy(() -> train(2, wider, 1))
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(3))
        .hasMessageContaining("is of another model or optimizer");
    TrainSpec elsewhere = small().dataFingerprint("other data").spec("kept whole");
    assertThatThrownBy(() -> train(2, elsewhere, 2))
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(3))
        .hasMessageContaining("was trained on other data");
    RankReport again = train(2, small().spec("kept whole"), 3).get(0);
    assertThat(again.stepsTaken()).isZero();
    assertThat(again.weightsSha256()).isEqualTo(first.weightsSha256());
    assertThat(steps("kept whole")).hasSize(10);
  }

  @Test
  void aFullDiskIsAMatterOfResources() throws Exception {
    TrainSpec stingy = small().scheme("stingy://").spec("full");
    StingyFileSystem.room.set(3_000); // for a checkpoint's metrics and a part of its parameters
    try {
      assertThatThrownBy(() -> train(1, stingy, 0))
          .isInstanceOfSatisfying(
              BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(4))
          .hasMessage("Rank 0 cannot write its checkpoint: No space left on device");
    } finally {
      StingyFileSystem.room.set(Long.MAX_VALUE);
    }
    assertThat(train(1, stingy, 1).get(0).steps()).isEqualTo(10);
  }

  @Test
  void ranksThatSeeOtherShardsOrAnotherConfigurationStopBeforeTheFirstStep() throws Exception {
    Path other = folder.resolve("other-shards");
    ShardFolder.write(other, 0, 4, SmallTraining.VOCABULARY, 16, 13, 16, 2, 16);
    ShardFolder.write(other, 1, 4, SmallTraining.VOCABULARY, 16, 16, 1, 16, 9);
    TrainSpec spec = small().spec("disagree");
    TrainSpec astray = small().shards("other-shards").spec("disagree");
    assertThatThrownBy(() -> train(3, rank -> rank == 1 ? astray : spec, 0))
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(3))
        .hasMessageContaining("Rank 1 sees other shards");
    TrainSpec reseeded = small().seed(43).spec("disagree");
    assertThatThrownBy(() -> train(3, rank -> rank == 2 ? reseeded : spec, 0))
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
        .hasMessageContaining("Rank 2 has another configuration than rank 0");
    assertThat(folder.resolve("disagree")).doesNotExist();
  }

  @Test
  void aLossThatIsNotFiniteEndsAllRanksWithTheSameReason() throws Exception {
    List<RankReport> reports = train(2, small().loss(new NeverFinite()).spec("nan"), 0);
    assertThat(reports)
        .allSatisfy(report -> assertThat(report.failure()).contains("not finite at step 1"));
  }

  /** Throws once, in the course of training, on whichever rank comes there first. */
  record FailsAtCall(int call) implements CustomLoss {
    static final AtomicInteger calls = new AtomicInteger();

    @Override
    public Variable apply(Graph g, EmbeddingPairs pairs) {
      if (calls.incrementAndGet() == call) {
        throw new IllegalStateException("cut here");
      }
      return InfoNce.PAPER.apply(g, pairs);
    }
  }

  private record NeverFinite() implements CustomLoss {
    @Override
    public Variable apply(Graph g, EmbeddingPairs pairs) {
      return g.scale(InfoNce.PAPER.apply(g, pairs), Double.POSITIVE_INFINITY);
    }
  }

  private List<RankReport> train(int world, TrainSpec spec, int launch) throws Exception {
    return train(world, rank -> spec, launch);
  }

  private List<RankReport> train(int world, IntFunction<TrainSpec> specs, int launch)
      throws Exception {
    return Ranks.run(
        world,
        ranks -> {
          try {
            return new RankTraining(
                    specs.apply(ranks.rank()),
                    new Attempt(launch, 0),
                    ranks,
                    StingyFileSystem.configuration(),
                    folder.resolve("staging"),
                    report -> {})
                .run("localhost");
          } catch (IllegalStateException | BatchwrightException e) {
            ranks.abort(e.getMessage());
            throw e;
          }
        });
  }

  private List<Integer> steps(String name) throws Exception {
    new MetricsSegments(folder.resolve(name).toString(), new Configuration()).join();
    List<Integer> steps = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(name + "/metrics.jsonl"))) {
      steps.add(new ObjectMapper().readTree(line).get("step").asInt());
    }
    return steps;
  }

  private Path shards() {
    return folder.resolve("shards");
  }

  private SmallTraining small() {
    return SmallTraining.in(folder).clipNorm(1).epochs(2);
  }
}
