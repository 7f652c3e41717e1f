package io.batchwright.ml;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Learns an encoder of texts from pairs: a query, and a text (or several) that answers it.
 *
 * <pre>{@code
 * DualEncoderModel model = new DualEncoder().setQueryCol("title").setPositiveCol("body").fit(pairs);
 * Dataset<Row> embedded = model.setInputCol("body").transform(documents);
 * }</pre>
 *
 * <p>A fit is the job {@code train}: the pairs' texts are deduplicated, tokenized, planned into
 * batches and written as shards, and the ranks of one barrier stage train on them. The same rows in
 * any order, the same parameters and the same number of workers give the same weights, bit for bit.
 *
 * <p>What no parameter names stands in {@link #recipe}; a parameter that was set stands above it.
 */
public final class DualEncoder extends Estimator<DualEncoderModel>
    implements DefaultParamsWritable, HasTextColumns<DualEncoder> {
  static final String PREFIX = "dualEncoder";

  /** A static embedding that learns from every pair; nothing is held out. */
  static final String RECIPE =
      """
      seed: 17
      corpus: {filters: [{name: MinimumLength, minimum: 1, unit: characters}]}
      split: {validationShare: 0}
      tokens:
        tokenizer: {name: WordPiece, vocabularySize: 30522, minCount: 2}
        tokenize: {maxTokens: 256}
      batches:
        policy: {name: NoDuplicates, pairsPerStep: 1024, dropLast: false}
      train:
        ranks: 2
        epochs: 1
        model: {name: StaticEmbedding, dims: 256, initialStandardDeviation: 0.1}
        loss: {name: InfoNce, temperature: 0.05, symmetric: true}
        optimizer: {name: AdamW, weightDecay: 0}
        schedule: {name: WarmupCosine, peakRate: 0.01, warmupShare: 0.1}
      """;

  private static final long serialVersionUID = 1L;

  private final String uid;
  private final TextColumns columns;
  private final Param<String> queryCol;
  private final Param<String> positiveCol;
  private final Param<String> recipe;
  private final Param<String> workDirectory;
  private final LongParam seed;
  private final IntParam maxIter;
  private final DoubleParam stepSize;
  private final IntParam batchSize;
  private final IntParam numWorkers;
  private final IntParam dims;
  private final IntParam maxTokens;
  private final IntParam vocabularySize;
  private final DoubleParam temperature;

  /** An estimator with an id of its own. */
  public DualEncoder() {
    this(Identifiable$.MODULE$.randomUID(PREFIX));
  }

  /** An estimator that Spark ML's messages and files call {@code uid}. */
  public DualEncoder(String uid) {
    this.uid = uid;
    this.columns = new TextColumns(this);
    this.queryCol = new Param<>(this, "queryCol", "column of queries, strings");
    this.positiveCol =
        new Param<>(this, "positiveCol", "column of answers, strings or arrays of strings");
    this.recipe =
        new Param<>(
            this,
            "recipe",
            "all else about a fit: YAML text of more than one line, or the path or name of a"
                + " recipe");
    this.workDirectory =
        new Param<>(
            this,
            "workDirectory",
            "folder that driver and executors reach, for prepared batches and checkpoints; empty:"
                + " a temporary one, with a local master only");
    this.seed = new LongParam(this, "seed", "seed of every random draw");
    this.maxIter = atLeast("maxIter", "passes over the pairs, at least 1", 1);
    this.stepSize =
        new DoubleParam(
            uid, "stepSize", "largest learning rate, above 0", ParamValidators.<Object>gt(0));
    this.batchSize =
        atLeast("batchSize", "pairs of a step, on all workers together, at least 2", 2);
    this.numWorkers = atLeast("numWorkers", "ranks that train together, at least 1", 1);
    this.dims = atLeast("dims", "length of the embeddings, at least 1", 1);
    this.maxTokens = atLeast("maxTokens", "tokens of a text that count, at least 1", 1);
    this.vocabularySize =
        atLeast("vocabularySize", "largest number of pieces that are learned, at least 300", 300);
    this.temperature =
        new DoubleParam(
            uid,
            "temperature",
            "divides the cosines in the loss, above 0",
            ParamValidators.<Object>gt(0));
    columns.setDefaults();
    setDefault(queryCol, "query");
    setDefault(positiveCol, "positive");
    setDefault(recipe, RECIPE);
    setDefault(workDirectory, "");
    setDefault(seed, 17L);
    setDefault(maxIter, 1);
    setDefault(stepSize, 0.01);
    setDefault(batchSize, 1024);
    setDefault(numWorkers, 2);
    setDefault(dims, 256);
    setDefault(maxTokens, 256);
    setDefault(vocabularySize, 30522);
    setDefault(temperature, 0.05);
  }

  private IntParam atLeast(String name, String doc, int least) {
    return new IntParam(uid, name, doc, ParamValidators.<Object>gtEq(least));
  }

  /** Reads what {@code save} wrote. */
  public static MLReader<DualEncoder> read() {
    return new DefaultParamsReader<>();
  }

  /** Reads what was saved at {@code path}. */
  public static DualEncoder load(String path) {
    return read().load(path);
  }

  /**
   * Trains on a dataset of pairs. It is read twice: cache what is costly to compute.
   *
   * @throws io.batchwright.data.failure.BatchwrightException if the recipe is not legal, nothing is
   *     left to train on, or Spark has fewer task slots than workers
   */
  @Override
  public DualEncoderModel fit(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    Dataset<Row> pairs =
        dataset
            .toDF()
            .select(quoted(getQueryCol()).as("query"), quoted(getPositiveCol()).as("positive"));
    DualEncoderModel model =
        new DualEncoderModel(
            uid, new FitRun(getRecipe(), settings(), getWorkDirectory()).on(pairs));
    return copyValues(model.setParent(this), copyValues$default$2());
  }

  /** What was set of the recipe's values, whatever the recipe says. */
  private List<String> settings() {
    List<String> settings = new ArrayList<>();
    lay(settings, "seed", seed);
    lay(settings, "train.epochs", maxIter);
    lay(settings, "train.schedule.peakRate", stepSize);
    lay(settings, "batches.policy.pairsPerStep", batchSize);
    lay(settings, "train.ranks", numWorkers);
    lay(settings, "train.model.dims", dims);
    lay(settings, "tokens.tokenize.maxTokens", maxTokens);
    lay(settings, "tokens.tokenizer.vocabularySize", vocabularySize);
    lay(settings, "train.loss.temperature", temperature);
    return settings;
  }

  private void lay(List<String> settings, String key, Param<Object> param) {
    if (isSet(param)) {
      settings.add(key + "=" + getOrDefault(param));
    }
  }

  private static Column quoted(String column) {
    return col("`" + column.replace("`", "``") + "`");
  }

  @Override
  public StructType transformSchema(StructType schema) {
    columns.require(schema, queryCol, false);
    columns.require(schema, positiveCol, true);
    return columns.withOutput(schema);
  }

  @Override
  public DualEncoder copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public TextColumns textColumns() {
    return columns;
  }

  @Override
  public DualEncoder self() {
    return this;
  }

  /** Column of queries; query unless set. */
  public Param<String> queryCol() {
    return queryCol;
  }

  /** Column of answers; positive unless set. */
  public Param<String> positiveCol() {
    return positiveCol;
  }

  /** All else about a fit. */
  public Param<String> recipe() {
    return recipe;
  }

  /** Where batches and checkpoints go; temporary unless set. */
  public Param<String> workDirectory() {
    return workDirectory;
  }

  /** Seed of every random draw; 17 unless set. */
  public LongParam seed() {
    return seed;
  }

  /** Passes over the pairs; 1 unless set. */
  public IntParam maxIter() {
    return maxIter;
  }

  /** Largest learning rate; 0.01 unless set. */
  public DoubleParam stepSize() {
    return stepSize;
  }

  /** Pairs of a step; 1024 unless set. */
  public IntParam batchSize() {
    return batchSize;
  }

  /** Ranks that train together; 2 unless set. */
  public IntParam numWorkers() {
    return numWorkers;
  }

  /** Length of the embeddings; 256 unless set. */
  public IntParam dims() {
    return dims;
  }

  /** Tokens of a text that count; 256 unless set. */
  public IntParam maxTokens() {
    return maxTokens;
  }

  /** Largest number of pieces; 30522 unless set. */
  public IntParam vocabularySize() {
    return vocabularySize;
  }

  /** Divides the cosines in the loss; 0.05 unless set. */
  public DoubleParam temperature() {
    return temperature;
  }

  public String getQueryCol() {
    return getOrDefault(queryCol);
  }

  public DualEncoder setQueryCol(String value) {
    set(queryCol, value);
    return this;
  }

  public String getPositiveCol() {
    return getOrDefault(positiveCol);
  }

  public DualEncoder setPositiveCol(String value) {
    set(positiveCol, value);
    return this;
  }

  public String getRecipe() {
    return getOrDefault(recipe);
  }

  public DualEncoder setRecipe(String value) {
    set(recipe, value);
    return this;
  }

  public String getWorkDirectory() {
    return getOrDefault(workDirectory);
  }

  public DualEncoder setWorkDirectory(String value) {
    set(workDirectory, value);
    return this;
  }

  public long getSeed() {
    return (Long) getOrDefault(seed);
  }

  public DualEncoder setSeed(long value) {
    set(seed, value);
    return this;
  }

  public int getMaxIter() {
    return (Integer) getOrDefault(maxIter);
  }

  public DualEncoder setMaxIter(int value) {
    set(maxIter, value);
    return this;
  }

  public double getStepSize() {
    return (Double) getOrDefault(stepSize);
  }

  public DualEncoder setStepSize(double value) {
    set(stepSize, value);
    return this;
  }

  public int getBatchSize() {
    return (Integer) getOrDefault(batchSize);
  }

  public DualEncoder setBatchSize(int value) {
    set(batchSize, value);
    return this;
  }

  public int getNumWorkers() {
    return (Integer) getOrDefault(numWorkers);
  }

  public DualEncoder setNumWorkers(int value) {
    set(numWorkers, value);
    return this;
  }

  public int getDims() {
    return (Integer) getOrDefault(dims);
  }

  public DualEncoder setDims(int value) {
    set(dims, value);
    return this;
  }

  public int getMaxTokens() {
    return (Integer) getOrDefault(maxTokens);
  }

  public DualEncoder setMaxTokens(int value) {
    set(maxTokens, value);
    return this;
  }

  public int getVocabularySize() {
    return (Integer) getOrDefault(vocabularySize);
  }

  public DualEncoder setVocabularySize(int value) {
    set(vocabularySize, value);
    return this;
  }

  public double getTemperature() {
    return (Double) getOrDefault(temperature);
  }

  public DualEncoder setTemperature(double value) {
    set(temperature, value);
    return this;
  }
}
