package io.batchwright.jobs.pipeline;

import io.batchwright.jobs.run.LocalFolder;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.train.checkpoint.Weights;
import io.batchwright.train.export.FineTunedFolder;
import io.batchwright.train.export.ModelCard;
import io.batchwright.train.export.SentenceTransformersFolder;
import io.batchwright.train.export.StaticEmbeddingWeights;
import io.batchwright.train.model.StaticEmbedding;
import io.batchwright.train.model.huggingface.PretrainedCopy;
import io.batchwright.train.model.huggingface.PretrainedFolder;
import io.batchwright.train.rank.TrainResult;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Exports trained weights as a folder that sentence-transformers loads: a static embedding, or the
 * folder that training started from with new weights.
 */
record ModelFolder(PipelineRecipe recipe, Training.Origin origin) {

  void write(StageContext context, List<Weights> weights, Path target, TrainResult result)
      throws IOException {
    SortedMap<String, String> provenance = new TreeMap<>();
    provenance.put("run_id", origin.runId());
    provenance.put("config_sha256", origin.configSha256());
    provenance.put("commit", origin.commit());
    provenance.put("seed", Long.toString(recipe.seed()));
    provenance.put("data_fingerprint", context.fingerprint());
    provenance.put("weights_sha256", result.weightsSha256());
    provenance.put("determinism_key", result.determinismKey());
    LocalFolder.Body body =
        recipe
            .train()
            .model()
            .startsFrom()
            .map(source -> fineTuned(source, weights, result, provenance))
            .orElseGet(() -> staticEmbedding(context, weights, result, provenance));
    FileSystem files = target.getFileSystem(context.spark().sessionState().newHadoopConf());
    LocalFolder.write(files, target, body);
  }

  private LocalFolder.Body fineTuned(
      PretrainedFolder source,
      List<Weights> weights,
      TrainResult result,
      SortedMap<String, String> provenance) {
    provenance.put("started_from", source.folder().toString());
    Map<String, float[]> values =
        weights.stream().collect(Collectors.toMap(Weights::name, Weights::values));
    ModelCard card =
        card(
            "Batchwright fine-tuned encoder",
            result,
            List.of("It was measured on the held-out queries of one run only."));
    PretrainedCopy copy = new PretrainedCopy(source, recipe.tokens().prompts().named());
    return local -> FineTunedFolder.write(local, copy, values, card, provenance);
  }

  private LocalFolder.Body staticEmbedding(
      StageContext context,
      List<Weights> weights,
      TrainResult result,
      SortedMap<String, String> provenance) {
    Weights table = table(weights);
    ModelCard card =
        card(
            "Batchwright static embedding",
            result,
            List.of(
                "It knows the words of its training texts and nothing of their order.",
                "It was measured on the held-out queries of one run only."));
    return local ->
        SentenceTransformersFolder.write(
            local,
            new SentenceTransformersFolder.Contents(
                new StaticEmbeddingWeights(table.dims()[0], table.dims()[1], table.values()),
                TextFile.read(new Path(context.dir(), TokensStage.TOKENIZER), context),
                Prompts.of(recipe).named(),
                card,
                provenance));
  }

  private ModelCard card(String name, TrainResult result, List<String> limits) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("training", "%,d steps on %d ranks".formatted(result.steps(), result.ranks().size()));
    facts.put("seed", Long.toString(recipe.seed()));
    facts.put("commit", origin.commit());
    facts.put("weights SHA-256", result.weightsSha256());
    facts.put("evaluation", "the run's report.html and evaluation/ folder");
    return new ModelCard(
        name,
        "Encodes short texts as unit vectors; the cosine of two vectors says how well a document"
            + " answers a query.",
        facts,
        Map.of(),
        "The weights were learned from the sources that the run's recipe names; their licences"
            + " apply to what is made of them.",
        limits);
  }

  /** The embedding table among the parameters. */
  private static Weights table(List<Weights> weights) {
    return weights.stream()
        .filter(parameter -> parameter.name().equals(StaticEmbedding.TABLE))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "only a StaticEmbedding can be exported; the checkpoint holds "
                        + weights.stream().map(Weights::name).toList()));
  }
}
