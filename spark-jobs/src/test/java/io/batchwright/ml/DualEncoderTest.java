package io.batchwright.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.ScalaShell;
import io.batchwright.jobs.TestSession;
import io.batchwright.jobs.WordPairs;
import io.batchwright.jobs.pipeline.Pipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DualEncoderTest {
  @TempDir static Path folder;

  private static SparkSession spark;
  private static Path lines;
  private static Dataset<Row> pairs;
  private static DualEncoderModel model;

  @BeforeAll
  static void fitOnce() throws IOException {
    spark = TestSession.open();
    lines = WordPairs.write(folder.resolve("pairs.jsonl"));
    pairs = spark.read().json(lines.toString()).withColumnRenamed("pos", "positive");
    model = encoder().fit(pairs);
  }

  @AfterAll
  static void closeSession() {
    spark.stop();
  }

  private static DualEncoder encoder() {
    return new DualEncoder("small")
        .setRecipe(
            """
            tokens: {tokenizer: {name: WordPiece, minCount: 1}}
            corpus: {filters: [{name: MinimumLength, minimum: 1, unit: characters}]}
            split: {validationShare: 0}
            batches: {policy: {name: NoDuplicates, dropLast: false}}
            train: {backend: java}
            """)
        .setVocabularySize(300)
        .setBatchSize(32)
        .setDims(16)
        .setMaxIter(3)
        .setStepSize(0.02)
        .setSeed(5)
        .setWorkDirectory(folder.resolve("work").toString());
  }

  @Test
  void aFitGivesTheWeightsOfTheSameRunOfTheMainJob() {
    String recipe =
        """
        seed: 5
        corpus:
          sources: [{name: FlagEmbeddingJsonLines, path: '%s', source: pairs}]
          filters: [{name: MinimumLength, minimum: 1, unit: characters}]
        split: {validationShare: 0}
        tokens: {tokenizer: {name: WordPiece, vocabularySize: 300, minCount: 1}, tokenize: {maxTokens: 256}}
        batches: {policy: {name: NoDuplicates, pairsPerStep: 32, dropLast: false}}
        train:
          epochs: 3
          ranks: 2
          backend: java
          model: {name: StaticEmbedding, dims: 16}
          schedule: {name: WarmupCosine, peakRate: 0.02}
        """
            .formatted(lines);
    String out = folder.resolve("job").toString();
    Pipeline.open(spark, recipe, out).train();

    assertThat(DualEncoderModel.open(spark, out).modelSha256()).isEqualTo(model.modelSha256());
  }

  @Test
  void theOrderOfRowsPlaysNoPartAndAFinishedFitIsFound() throws IOException {
    Dataset<Row> shuffled = pairs.orderBy("positive").repartition(3);

    assertThat(encoder().fit(shuffled).modelSha256()).isEqualTo(model.modelSha256());
    try (Stream<Path> fits = Files.list(folder.resolve("work"))) {
      assertThat(fits.filter(fit -> fit.getFileName().toString().startsWith("fit-"))).hasSize(1);
    }
  }

  @Test
  void aCopyHasTheOtherValuesAndLeavesTheOriginal() {
    DualEncoder original = encoder();
    DualEncoder copy = original.copy(new ParamMap().put(original.seed().w(6L)));
    assertThat(copy.getSeed()).isEqualTo(6);
    assertThat(copy.getDims()).isEqualTo(16);
    assertThat(copy.uid()).isEqualTo("small");
    assertThat(original.getSeed()).isEqualTo(5);
    assertThat(model.parent().extractParamMap().apply(original.seed())).isEqualTo(5L);
  }

  @Test
  void answersLieNearTheirQueriesAndOtherColumnsStay() {
    DualEncoderModel queries = model.copy(new ParamMap()).setInputCol("query").setTextKind("query");
    DualEncoderModel answers = model.copy(new ParamMap()).setInputCol("answer");
    Dataset<Row> embedded =
        answers
            .setOutputCol("there")
            .transform(
                queries.transform(pairs.selectExpr("query", "positive[0] as answer", "1 as one")));
    assertThat(embedded.columns()).containsExactly("query", "answer", "one", "embedding", "there");
    assertThat(embedded.schema().apply("there").dataType().sql()).isEqualTo("ARRAY<FLOAT>");
    List<Row> rows = embedded.collectAsList();
    assertThat(rows).hasSize(180);
    double own = 0;
    double others = 0;
    for (int i = 0; i < rows.size(); i++) {
      own += dot(rows.get(i).getList(3), rows.get(i).getList(4));
      others += dot(rows.get(i).getList(3), rows.get((i + 7) % rows.size()).getList(4));
      assertThat(dot(rows.get(i).getList(3), rows.get(i).getList(3))).isCloseTo(1, within(1e-5));
    }
    assertThat(own).isGreaterThan(2 * others);
  }

  private static double dot(List<Float> left, List<Float> right) {
    double sum = 0;
    for (int i = 0; i < left.size(); i++) {
      sum += (double) left.get(i) * right.get(i);
    }
    return sum;
  }

  @Test
  void vectorsAreThoseOfTheArraysWhateverTheBatchAndANullTextHasNone() {
    Dataset<Row> texts =
        spark.createDataFrame(
            List.of(
                RowFactory.create("word1 of word2"),
                RowFactory.create((Object) null),
                RowFactory.create(""),
                RowFactory.create("word3")),
            new StructType().add("text", DataTypes.StringType));
    List<Row> arrays = model.transform(texts).collectAsList();
    List<Row> vectors =
        model
            .copy(new ParamMap())
            .setOutputType("vector")
            .setTransformBatchSize(1)
            .transform(texts)
            .collectAsList();
    assertThat(arrays.get(1).isNullAt(1)).isTrue();
    assertThat(vectors.get(1).isNullAt(1)).isTrue();
    for (int row : new int[] {0, 2, 3}) {
      List<Float> array = arrays.get(row).getList(1);
      Vector vector = vectors.get(row).getAs(1);
      assertThat(array).hasSize(model.dims());
      for (int i = 0; i < array.size(); i++) {
        assertThat(vector.apply(i)).isEqualTo((double) array.get(i));
      }
    }
  }

  @Test
  void aPipelineIsSavedThenLoadedFittedAndSavedByScala() throws IOException {
    SQLTransformer titled =
        new SQLTransformer()
            .setStatement("SELECT query, concat('word7 ', positive[0]) AS text FROM __THIS__");
    DualEncoder estimator =
        encoder().setPositiveCol("text").setMaxIter(1).setNumWorkers(1).setWorkDirectory("");
    String saved = folder.resolve("pipeline").toString();
    new org.apache.spark.ml.Pipeline()
        .setStages(new PipelineStage[] {titled, estimator})
        .write()
        .save(saved);
    PipelineStage[] loaded = org.apache.spark.ml.Pipeline.load(saved).getStages();
    assertThat(((DualEncoder) loaded[1]).extractParamMap().toSeq().toSet())
        .isEqualTo(estimator.extractParamMap().toSeq().toSet());

    String savedModel = folder.resolve("pipeline-model").toString();
    try (ScalaShell scala = new ScalaShell()) {
      String printed =
          scala.run(
              """
              import io.batchwright.ml.{DualEncoder, DualEncoderModel}
              import org.apache.spark.ml.{Pipeline, PipelineModel}
              val pairs = spark.read.json("%s").withColumnRenamed("pos", "positive")
              val named = new DualEncoder("named").setQueryCol("q").setSeed(3L).setStepSize(0.5)
              val pipeline = Pipeline.load("%s")
              val fitted = pipeline.fit(pairs)
              fitted.save("%s")
              val model = fitted.stages(1).asInstanceOf[DualEncoderModel]
              val dims = fitted.transform(pairs).head().getAs[Seq[Float]](model.getOutputCol).size
              println(s"${named.getQueryCol} ${model.uid} $dims ${model.modelSha256}")
              """
                  .formatted(lines, saved, savedModel));
      assertThat(printed).contains("q small 16 ").doesNotContain(model.modelSha256());
      PipelineModel again = PipelineModel.load(savedModel);
      DualEncoderModel learned = (DualEncoderModel) again.stages()[1];
      assertThat(printed).contains(learned.modelSha256());
      assertThat(again.transform(pairs).head().getList(2)).hasSize(16);
      assertThatThrownBy(() -> again.save(savedModel))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("already exists");
    }
    String alone = folder.resolve("model").toString();
    model.save(alone);
    assertThat(Path.of(alone, "encoder", "modules.json")).exists();
    DualEncoderModel loadedAlone = DualEncoderModel.load(alone);
    assertThat(loadedAlone.modelSha256()).isEqualTo(model.modelSha256());
    assertThat(loadedAlone.explainParams()).isEqualTo(model.explainParams());
  }

  @Test
  void parametersThatAreNotLegalAreRefusedByName() {
    assertThatThrownBy(() -> encoder().setBatchSize(1)).hasMessageContaining("batchSize");
    assertThatThrownBy(() -> encoder().setStepSize(0)).hasMessageContaining("stepSize");
    assertThatThrownBy(() -> encoder().setOutputType("tensor")).hasMessageContaining("outputType");
    assertThatThrownBy(() -> model.copy(new ParamMap()).setTextKind("title"))
        .hasMessageContaining("textKind");
    assertThat(encoder().explainParams()).contains("batchSize: pairs of a step", "current: 32");
  }

  @Test
  void columnsThatDoNotFitAreNamedBeforeAnythingRuns() {
    assertThatThrownBy(() -> encoder().setQueryCol("title").fit(pairs))
        .hasMessage(
            "small: queryCol is title, but the input has no such column. It has: positive, query");
    assertThatThrownBy(() -> encoder().fit(pairs.selectExpr("query", "1 as positive")))
        .hasMessage(
            "small: positiveCol must name a column of strings or arrays of strings, but positive is INT");
    assertThatThrownBy(() -> encoder().setOutputCol("query").fit(pairs))
        .hasMessage("small: outputCol is query, and the input has a column of that name already");
    assertThatThrownBy(() -> model.transform(pairs))
        .hasMessage(
            "small: inputCol is text, but the input has no such column. It has: positive, query");
    assertThatThrownBy(() -> model.copy(new ParamMap()).setInputCol("positive").transform(pairs))
        .hasMessage("small: inputCol must name a column of strings, but positive is ARRAY<STRING>");
  }

  @Test
  void nothingToFitOnAndARecipeThatIsNotLegalAreOneSentenceEach() {
    assertThatThrownBy(() -> encoder().fit(pairs.limit(0)))
        .isInstanceOf(BatchwrightException.class)
        .hasMessage("There is nothing to fit on: the dataset holds no rows.");
    assertThatThrownBy(() -> encoder().setRecipe("train:\n  speed: 3\n").fit(pairs))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("speed");
    assertThatThrownBy(() -> encoder().setNumWorkers(64).fit(pairs))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("64");
    assertThatThrownBy(() -> DualEncoderModel.load(folder.resolve("nowhere").toString()))
        .hasMessageContaining("nowhere");
  }

  @Test
  void theRecipesOfTheFaceAndTheDefaultsOfItsParametersSayTheSame() {
    DualEncoder plain = new DualEncoder();
    assertThat(plain.getRecipe())
        .contains(
            "seed: " + plain.getSeed(),
            "epochs: " + plain.getMaxIter(),
            "peakRate: " + plain.getStepSize(),
            "pairsPerStep: " + plain.getBatchSize(),
            "ranks: " + plain.getNumWorkers(),
            "dims: " + plain.getDims(),
            "maxTokens: " + plain.getMaxTokens(),
            "vocabularySize: " + plain.getVocabularySize(),
            "temperature: " + plain.getTemperature());
  }
}
