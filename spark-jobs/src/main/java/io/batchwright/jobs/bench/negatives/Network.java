package io.batchwright.jobs.bench.negatives;

import java.util.List;

/** What is trained, the same in every arm. */
enum Network {
  /** The mean of 256-dimensional token vectors. */
  STATIC(
      192,
      List.of(0.0003, 0.001, 0.003),
      "{name: StaticEmbedding, dims: 256, initialStandardDeviation: 0.02}",
      """
        optimizer: {name: AdamW, weightDecay: 0}
        clipNorm: 0
      """),
  /** Two transformer layers of 128, from random weights. */
  ENCODER(
      48,
      List.of(3e-4, 1e-3, 3e-3),
      "{name: Bert, layers: 2, dims: 128, heads: 4"
          + ", feedForwardDims: 512, maxTokens: 48, dropout: 0.1, attentionDropout: 0.1"
          + ", pooling: MEAN}",
      """
        optimizer: {name: AdamW, weightDecay: 0.01}
        clipNorm: 1
      """);

  private final int maxTokens;
  private final List<Double> rates;
  private final String model;
  private final String settings;

  Network(int maxTokens, List<Double> rates, String model, String settings) {
    this.maxTokens = maxTokens;
    this.rates = rates;
    this.model = model;
    this.settings = settings;
  }

  /** Tokens of a text at most. */
  int maxTokens() {
    return maxTokens;
  }

  /** The peak rates that every arm may choose from, ascending. */
  List<Double> rates() {
    return rates;
  }

  /** The rate of the models that others are made with, which are not tuned. */
  double middleRate() {
    return rates.get(rates.size() / 2);
  }

  /** What preparation must know of the section train, YAML: the model, not how it is trained. */
  String prepared() {
    return "train: {model: %s}\n".formatted(model);
  }

  /** The section train of a recipe, YAML. */
  String train() {
    return """
    train:
      ranks: 1
      threads: 2
      epochs: 100000
      model: %s
    %s  schedule: {name: WarmupCosine, peakRate: %s, warmupShare: 0.1}
      loss: %s
      checkpointEverySteps: 1000000
      keepCheckpoints: 1
      stepTimeout: 10 min
    """
        .formatted(model, settings.indent(0), middleRate(), ArmSettings.LOSS);
  }
}
