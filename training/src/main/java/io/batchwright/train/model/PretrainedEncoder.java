package io.batchwright.train.model;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.layer.Activations;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.huggingface.PretrainedFolder;
import io.batchwright.train.schedule.Linear;
import io.batchwright.train.schedule.Schedule;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An encoder that goes on from a folder in Hugging Face's layout: BERT, MiniLM, DistilBERT,
 * RoBERTa, XLM-RoBERTa, with or without what sentence-transformers puts around it. It keeps the
 * folder's tokenizer, special tokens, prompts, pooling and greatest length, and is written back in
 * the same layout.
 *
 * <pre>e(x) = u / |u|,  u = pool(encoder(special(prompt + x)))     [D]</pre>
 *
 * <p><b>Deviations.</b> Queries and documents share one encoder, as in the paper; the loss is the
 * recipe's. While training, states are dropped with the folder's {@code hidden_dropout_prob} and
 * attention probabilities with its {@code attention_probs_dropout_prob}. Vectors have unit length
 * in training even where the folder has no Normalize module, since losses and searches compare by
 * cosine.
 *
 * <p><b>Recommendations.</b> Where sentence-transformers' trainer has a learning rate of 5e-5 with
 * linear decay, no warm-up and no weight decay, take a peak rate of 2e-5 to 5e-5 and 10 % warm-up;
 * without a schedule it is 2e-5. Where there is weight decay, tables get it as other weights do,
 * biases and norms never, as there. Its MultipleNegativesRankingLoss has a scale of 20, which is a
 * temperature of 0.05.
 *
 * @param path of the folder; every executor must see it under the same path
 * @param activations kept, or computed again on the way back for less memory
 */
@Paper(
    title = "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks",
    arxiv = "1908.10084",
    where = "Section 3")
public record PretrainedEncoder(String path, Activations activations) implements Model {
  /** Names no folder; a recipe must. */
  public static final PretrainedEncoder PAPER = new PretrainedEncoder("", Activations.KEPT);

  /** Checks that there is a path, if an empty one. */
  public PretrainedEncoder {
    Check.that(path != null, "PretrainedEncoder.path", "must be the path of a folder");
    Check.that(activations != null, "PretrainedEncoder.activations", "must be KEPT or RECOMPUTED");
  }

  /** The encoder of a folder, with activations kept. */
  public PretrainedEncoder(String path) {
    this(path, Activations.KEPT);
  }

  private PretrainedFolder folder() {
    if (path.isBlank()) {
      throw BatchwrightException.usage(
          "PretrainedEncoder.path must name a folder with config.json, model.safetensors and"
              + " tokenizer.json, got nothing");
    }
    return PretrainedFolder.open(Path.of(path));
  }

  @Override
  public int dims() {
    return folder().config().dims();
  }

  @Override
  public boolean specialTokens() {
    return true;
  }

  @Override
  public int longestText() {
    return folder().maxTokens();
  }

  @Override
  public Optional<PretrainedFolder> startsFrom() {
    return Optional.of(folder());
  }

  /** The lower end of what is recommended above: trained weights are not to be lost. */
  @Override
  public Schedule usualSchedule() {
    return new Linear(2e-5, 0, 0.1, 0);
  }

  @Override
  public Sight sight() {
    return Sight.BOTH_SIDES;
  }

  @Override
  public BertEncoder network(int vocabularySize, ParameterSpace space, RandomStream random) {
    return network(folder(), vocabularySize, space);
  }

  @Override
  public ModelInstance build(int vocabularySize, ParameterSpace space, RandomStream random) {
    PretrainedFolder folder = folder();
    return new PooledEncoder(network(folder, vocabularySize, space), folder.modules().pooling());
  }

  private BertEncoder network(PretrainedFolder folder, int vocabularySize, ParameterSpace space) {
    Check.range("vocabulary size", vocabularySize, 1, true, folder.config().vocabularySize(), true);
    BertEncoder encoder = new BertEncoder(folder.config(), space.undrawn(), 0, activations);
    folder.load(encoder.parameters());
    return encoder;
  }
}
