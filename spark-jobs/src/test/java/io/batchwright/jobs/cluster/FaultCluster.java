package io.batchwright.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.jobs.cluster.StandaloneCluster.Machine;
import io.batchwright.jobs.config.Setting;
import io.batchwright.jobs.pipeline.PipelineJob;
import io.batchwright.jobs.run.Invocation;
import io.batchwright.jobs.run.JobRunner;
import io.batchwright.train.checkpoint.Provenance;
import io.batchwright.train.language.Vocabulary;
import io.batchwright.train.layer.Activations;
import io.batchwright.train.loss.Loss;
import io.batchwright.train.model.Bert;
import io.batchwright.train.model.Pooling;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.rank.BarrierTraining;
import io.batchwright.train.rank.RunKey;
import io.batchwright.train.rank.TrainRecipe;
import io.batchwright.train.rank.TrainResult;
import io.batchwright.train.rank.TrainSpec;
import io.batchwright.train.schedule.WarmupCosine;
import io.batchwright.train.step.NotFinite;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/**
 * A standalone cluster of two workers to train on and to harm, each on a machine of its own where
 * network namespaces are allowed, and the shards of 177 steps.
 */
final class FaultCluster implements AutoCloseable {
  static final int CHECKPOINT_EVERY = 10;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int VOCABULARY = 1000;

  private final Path folder;
  private final Optional<Namespaces> network;
  private final StandaloneCluster cluster;
  private SparkSession spark;

  /** Starts it, and writes the shards to {@code folder}. */
  static FaultCluster start(Path folder) throws Exception {
    prepare(folder);
    Optional<Namespaces> network = Namespaces.create(2);
    Machine master = new Machine(network.map(Namespaces::ownHost).orElse("127.0.0.1"), List.of());
    List<Machine> workers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int machine = i;
      workers.add(network.map(n -> new Machine(n.host(machine), n.prefix(machine))).orElse(master));
    }
    Path home = Files.createDirectories(folder.resolve("spark"));
    try {
      return new FaultCluster(folder, network, StandaloneCluster.start(home, master, workers));
    } catch (IOException | RuntimeException e) {
      if (network.isPresent()) {
        network.get().close();
      }
      throw e;
    }
  }

  private FaultCluster(Path folder, Optional<Namespaces> network, StandaloneCluster cluster) {
    this.folder = folder;
    this.network = network;
    this.cluster = cluster;
  }

  private static void prepare(Path folder) throws IOException {
    String recipe = SmallRun.trainingRecipe(folder).replace("epochs: 3", "epochs: 1");
    List<Setting> flags =
        List.of(
            Setting.text("run.master", "local[2]", "--master"),
            Setting.text("run.out", folder.resolve("prepared").toString(), "--out"),
            Setting.text("run.spark.spark.ui.enabled", "false", "--conf"),
            Setting.text("run.spark.spark.sql.shuffle.partitions", "2", "--conf"));
    ByteArrayOutputStream console = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(console, true, StandardCharsets.UTF_8);
    int exitCode =
        new JobRunner(stream, stream, Clock.systemUTC())
            .run(
                PipelineJob.prepare(),
                new Invocation(SmallRun.write(folder, recipe).toString(), flags, false));
    assertThat(exitCode).as(console.toString(StandardCharsets.UTF_8)).isZero();
  }

  /** The machines' network, where there is one. */
  Optional<Namespaces> network() {
    return network;
  }

  StandaloneCluster cluster() {
    return cluster;
  }

  SparkSession spark() {
    return spark;
  }

  /** A new session, in place of the last. */
  SparkSession open(int executors, Map<String, String> more) {
    stop();
    SparkConf conf = new SparkConf(false).setAppName("training under faults");
    cluster.settings().forEach(conf::set);
    conf.set("spark.cores.max", Integer.toString(executors))
        .set("spark.executor.memory", "700m")
        .set("spark.executor.heartbeatInterval", "1s")
        .set("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "1s")
        .set("spark.scheduler.maxRegisteredResourcesWaitingTime", "120s")
        .set("spark.hadoop.fs.faulty.impl", FaultyFileSystem.class.getName());
    more.forEach(conf::set);
    spark = SparkSession.builder().config(conf).getOrCreate();
    return spark;
  }

  private void stop() {
    if (spark != null) {
      spark.stop();
    }
  }

  /** Trains on two ranks into the folder {@code name}. */
  TrainResult train(String name, Loss loss, Duration stepTimeout) {
    TrainRecipe recipe =
        new TrainRecipe(
            // With gradients of both kinds: dense ones and rows of a table.
            new Bert(1, 32, 2, 64, 256, 0.1, 0, Pooling.MEAN, Activations.KEPT),
            loss,
            AdamW.PAPER,
            new WarmupCosine(0.05, 2, 0, 0),
            1,
            1,
            2,
            CHECKPOINT_EVERY,
            2,
            stepTimeout,
            "java",
            NotFinite.FAIL,
            0);
    TrainSpec spec =
        new TrainSpec(
            recipe,
            folder.resolve("prepared/shards").toString(),
            "",
            "faulty://" + folder.resolve(name),
            Vocabulary.of(VOCABULARY),
            new Provenance("run", 42, "config", "data", "commit"),
            RunKey.draw());
    return BarrierTraining.run(spark, spec, report -> {});
  }

  Path folder(String name) {
    return folder.resolve(name);
  }

  /** A folder of a run that comes to be once its first checkpoint is whole: the second one's. */
  Path secondCheckpoint(String name) {
    return folder(name).resolve("checkpoints/step-%08d".formatted(2 * CHECKPOINT_EVERY));
  }

  /** What each step of a run did, times aside; each step stands there once. */
  List<String> steps(String name) throws IOException {
    List<String> steps = new ArrayList<>();
    for (String line : Files.readAllLines(folder(name).resolve("metrics.jsonl"))) {
      JsonNode step = JSON.readTree(line);
      steps.add("%s %s %s".formatted(step.path("step"), step.path("loss"), step.path("grad_norm")));
    }
    return steps;
  }

  @Override
  public void close() throws Exception {
    stop();
    cluster.close();
    if (network.isPresent()) {
      network.get().close();
    }
  }
}
