package io.batchwright.jobs.bench.negatives;

import io.batchwright.jobs.config.Recipe;
import io.batchwright.jobs.config.Setting;
import io.batchwright.jobs.mine.MineJob;
import io.batchwright.jobs.model.EncodeJob;
import io.batchwright.jobs.run.RunTables;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;

/**
 * What arms need besides the data: models of the baseline's kind, their vectors, mined negatives.
 * All trainings of a data set and batch size share them; they have seeds of their own and the
 * middle rate, and each is made when it is first asked for.
 */
final class Ingredients {
  /** A model after a fifth of the steps, whose vectors batches are made of. */
  static final Model PROBE = new Model("probe", 1, 5, 9_001);

  /** A model after all steps, which mines. */
  static final Model MINER = new Model("miner", 1, 1, 9_002);

  /** A model after three times the steps: a guide and a teacher. */
  static final Model GUIDE = new Model("guide", 3, 1, 9_003);

  /** Behind the names of folders, since the same without it were mined by other rules. */
  static final String BY_TEXT = "-by-text";

  private static final String PERMUTED = "permuted-vectors";

  private final Laboratory laboratory;
  private final TrialSet set;
  private final int batch;
  private final int steps;
  private final Path home;
  private final TreeSet<String> used = new TreeSet<>();

  /**
   * A model that is trained like the baseline.
   *
   * @param name of its folder
   * @param times the steps of a training
   * @param per divided by this
   * @param seed of its own
   */
  record Model(String name, int times, int per, long seed) {}

  Ingredients(Laboratory laboratory, TrialSet set, int batch, int steps) {
    this.laboratory = laboratory;
    this.set = set;
    this.batch = batch;
    this.steps = steps;
    this.home =
        new Path(laboratory.folder(), Trial.group(set.name(), batch, steps) + "/ingredients");
  }

  /** Documents looked at for the negatives of a query. */
  int candidates() {
    return set.data().candidates();
  }

  /** What takes candidates out of mined negatives, YAML. */
  String filters() {
    return set.data().filters();
  }

  int batch() {
    return batch;
  }

  /** Training pairs of the set. */
  long samples() throws IOException {
    return laboratory.prepared(set).rows("samples");
  }

  /** Seconds that all that was asked for took, each counted once. */
  double seconds() {
    return used.stream().mapToDouble(run -> laboratory.seconds(new Path(home, run))).sum();
  }

  /** The runs that were asked for. */
  List<String> used() {
    return List.copyOf(used);
  }

  /** The vectors of all queries and documents by a model: the folder of a run of encode. */
  String vectors(Model model) throws IOException {
    Path trained = new Path(home, model.name());
    if (used.add(model.name()) && !laboratory.exists(new Path(trained, "model"))) {
      laboratory.train(
          set,
          batch,
          Math.max(1, steps * model.times() / model.per()),
          List.of(new Setting("seed", Long.toString(model.seed()), "ingredient")),
          trained);
      laboratory.prune(trained);
    }
    Path out = new Path(home, model.name() + "-vectors");
    used.add(out.getName());
    laboratory.run(
        new EncodeJob(),
        Recipe.EMPTY,
        List.of(
            Setting.text("model", new Path(trained, "model").toString(), "ingredient"),
            Setting.text("input", laboratory.prepared(set).dir().toString(), "ingredient")),
        out);
    return out.toString();
  }

  /** Three negatives of each query: the best that the set's filters leave. */
  String mined() throws IOException {
    return mine(
        "mined",
        List.of(
            Setting.text("embeddings", vectors(MINER), "ingredient"),
            new Setting("selection.filters", filters(), "ingredient"),
            new Setting("selection.perQuery", "3", "ingredient")));
  }

  /**
   * Four negatives of each query from the candidates of {@link #mined}, with the guide's scores
   * beside: as a teacher it takes none out.
   */
  String taught() throws IOException {
    return mine(
        "taught",
        List.of(
            Setting.text("candidatesFrom", mined(), "ingredient"),
            Setting.text("guide", vectors(GUIDE), "ingredient"),
            new Setting("selection.filters", filters(), "ingredient"),
            new Setting("selection.perQuery", "4", "ingredient")));
  }

  /** Three negatives of each query: what BM25 ranks highest and is no answer. */
  String lexical() throws IOException {
    return mine(
        "lexical",
        List.of(
            new Setting("bm25.use", "MINER", "ingredient"),
            new Setting("bm25.analysis", set.data().analysis(), "ingredient"),
            new Setting(
                "selection.filters", "[{name: KnownPositives}, {name: SameAnswer}]", "ingredient"),
            new Setting("selection.perQuery", "3", "ingredient")));
  }

  /** Three negatives of each query: the nearest documents that are not its positives. */
  String nearest() throws IOException {
    return mine(
        "nearest",
        List.of(
            Setting.text("candidatesFrom", mined(), "ingredient"),
            new Setting("selection.filters", "[{name: KnownPositives}]", "ingredient"),
            new Setting("selection.perQuery", "3", "ingredient")));
  }

  private String mine(String name, List<Setting> changes) throws IOException {
    Path out = new Path(home, name + BY_TEXT);
    used.add(out.getName());
    List<Setting> settings = new ArrayList<>(changes);
    settings.add(Setting.text("input", laboratory.prepared(set).dir().toString(), "ingredient"));
    settings.add(new Setting("candidates", Integer.toString(candidates()), "ingredient"));
    laboratory.run(new MineJob(), Recipe.EMPTY, settings, out);
    return out.toString();
  }

  /** The probe's vectors, those of queries in another order: clusters of nothing. */
  String permutedVectors() throws IOException {
    RunTables vectors = laboratory.tables(new Path(vectors(PROBE)));
    Path out = new Path(home, PERMUTED);
    PermutedVectors.write(laboratory.spark(), vectors, out);
    return out.toString();
  }

  /** Clusters that grow from epoch to epoch, as NGAME's, up to a quarter of a step in the last. */
  ArmSettings growing(ArmSettings settings) throws IOException {
    long perEpoch = Math.max(1, samples() / batch);
    int epochs = (int) ((steps + perEpoch - 1) / perEpoch);
    int last = Math.max(1, batch / 4);
    int doublings = Math.min(31 - Integer.numberOfLeadingZeros(last), epochs - 1);
    List<Integer> at =
        IntStream.rangeClosed(1, doublings).map(i -> i * epochs / (doublings + 1)).boxed().toList();
    return settings.policy(
        "{name: Ngame, pairsPerStep: %d, firstSize: %d, doublingEpochs: %s, dropLast: true}",
        batch, last >> doublings, at);
  }
}
