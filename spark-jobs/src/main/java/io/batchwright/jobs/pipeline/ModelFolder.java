package io.batchwright.jobs.pipeline;

import io.batchwright.data.token.Marks;
import io.batchwright.data.token.SpecialTokens;
import io.batchwright.jobs.run.LocalFolder;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.TextFile;
import io.batchwright.train.checkpoint.Weights;
import io.batchwright.train.export.DecoderFolder;
import io.batchwright.train.export.EncoderFolder;
import io.batchwright.train.export.ModelCard;
import io.batchwright.train.export.SentenceTransformersFolder;
import io.batchwright.train.export.StaticEmbeddingWeights;
import io.batchwright.train.model.Bert;
import io.batchwright.train.model.BertEncoder;
import io.batchwright.train.model.Gpt;
import io.batchwright.train.model.Model;
import io.batchwright.train.model.StaticEmbedding;
import io.batchwright.train.model.huggingface.BertFolder;
import io.batchwright.train.model.huggingface.GptFolder;
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
 * Exports trained weights as a folder that sentence-transformers loads: a static embedding, a BERT
 * encoder, or the folder that training started from with new weights; a decoder as the folder of a
 * {@code GPT2LMHeadModel}.
 */
record ModelFolder(PipelineRecipe recipe, Training.Origin origin) {
  private static final String UNTUNED =
      "It learned to name hidden words; its vectors are not trained to be compared before it is"
          + " fine-tuned on pairs.";
  private static final String ONE_RUN = "It was measured on the held-out queries of one run only.";

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
    Model model = recipe.train().model();
    LocalFolder.Body body =
        model
            .startsFrom()
            .map(source -> fineTuned(source, weights, result, provenance))
            .orElseGet(
                () ->
                    model instanceof Bert bert
                        ? bert(context, bert, weights, result, provenance)
                        : model instanceof Gpt gpt
                            ? gpt(context, gpt, weights, result, provenance)
                            : staticEmbedding(context, weights, result, provenance));
    FileSystem files = target.getFileSystem(context.spark().sessionState().newHadoopConf());
    LocalFolder.write(files, target, body);
  }

  private LocalFolder.Body fineTuned(
      PretrainedFolder source,
      List<Weights> weights,
      TrainResult result,
      SortedMap<String, String> provenance) {
    provenance.put("started_from", source.folder().toString());
    ModelCard card =
        recipe.languageModel()
            ? card("Batchwright pretrained encoder", result, List.of(UNTUNED))
            : card("Batchwright fine-tuned encoder", result, List.of(ONE_RUN));
    PretrainedCopy copy = new PretrainedCopy(source, recipe.tokens().prompts().named());
    return local -> EncoderFolder.write(local, copy, values(weights), card, provenance);
  }

  private LocalFolder.Body bert(
      StageContext context,
      Bert model,
      List<Weights> weights,
      TrainResult result,
      SortedMap<String, String> provenance) {
    Map<String, float[]> values = values(weights);
    int vocabulary = values.get(BertEncoder.WORDS).length / model.dims();
    ModelCard card =
        card(
            "Batchwright BERT encoder",
            result,
            recipe.languageModel()
                ? List.of("It has seen no texts but those of its run.", UNTUNED)
                : List.of("It has seen no texts but those of its training pairs.", ONE_RUN));
    return local ->
        EncoderFolder.write(
            local,
            new BertFolder(
                model.config(vocabulary),
                model.pooling(),
                Math.min(model.maxTokens(), recipe.tokens().tokenize().maxTokens()),
                TextFile.read(new Path(context.dir(), TokensStage.TOKENIZER), context),
                Prompts.of(recipe).named()),
            values,
            card,
            provenance);
  }

  private LocalFolder.Body gpt(
      StageContext context,
      Gpt model,
      List<Weights> weights,
      TrainResult result,
      SortedMap<String, String> provenance) {
    Map<String, float[]> values = values(weights);
    int vocabulary = values.get("wte.weight").length / model.dims();
    ModelCard card =
        card(
            "Batchwright language model",
            "Continues texts of the kind that it was trained on.",
            result,
            List.of("It has seen no texts but those of its run, and repeats what they say."));
    return local -> {
      String tokenizer = TextFile.read(new Path(context.dir(), TokensStage.TOKENIZER), context);
      SpecialTokens marks = Marks.AROUND_DOCUMENTS.of(tokenizer);
      DecoderFolder.write(
          local,
          new GptFolder(model.config(vocabulary), tokenizer, marks),
          values,
          card,
          provenance);
    };
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
                "It knows the words of its training texts and nothing of their order.", ONE_RUN));
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
    return card(
        name,
        "Encodes short texts as unit vectors; the cosine of two vectors says how well a document"
            + " answers a query.",
        result,
        limits);
  }

  private ModelCard card(String name, String summary, TrainResult result, List<String> limits) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("training", "%,d steps on %d ranks".formatted(result.steps(), result.ranks().size()));
    facts.put("seed", Long.toString(recipe.seed()));
    facts.put("commit", origin.commit());
    facts.put("weights SHA-256", result.weightsSha256());
    facts.put(
        "evaluation",
        recipe.languageModel()
            ? "the perplexity of documents set aside, in the run's metrics.jsonl"
            : "the run's report.html and evaluation/ folder");
    return new ModelCard(
        name,
        summary,
        facts,
        Map.of(),
        "The weights were learned from the sources that the run's recipe names; their licences"
            + " apply to what is made of them.",
        limits);
  }

  private static Map<String, float[]> values(List<Weights> weights) {
    return weights.stream().collect(Collectors.toMap(Weights::name, Weights::values));
  }

  /** The embedding table among the parameters. */
  private static Weights table(List<Weights> weights) {
    return weights.stream()
        .filter(parameter -> parameter.name().equals(StaticEmbedding.TABLE))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "only a StaticEmbedding, a Bert, a Gpt and a PretrainedEncoder can be exported; the checkpoint holds "
                        + weights.stream().map(Weights::name).toList()));
  }
}
