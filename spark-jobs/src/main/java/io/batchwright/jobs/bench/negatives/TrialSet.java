package io.batchwright.jobs.bench.negatives;

import java.util.List;

/**
 * A data set with a network, and what the full tier trains on it.
 *
 * @param name as {@code trials.sets} has it
 * @param data what is trained on
 * @param network what is trained
 * @param batches pairs of a step
 * @param seeds how many
 * @param steps of a training
 * @param arms names
 */
record TrialSet(
    String name,
    TrialData data,
    Network network,
    List<Integer> batches,
    int seeds,
    int steps,
    List<String> arms) {

  /** All sets, in the order in which they run. */
  static final List<TrialSet> ALL =
      List.of(
          of(new JavadocData(), List.of(64, 256, 1024)),
          of(new NfcorpusData(), List.of(64, 256)),
          of(new JaquadData(), List.of(64, 256)),
          new TrialSet(
              "javadoc-encoder",
              new JavadocData(),
              Network.ENCODER,
              List.of(256),
              3,
              1_000,
              List.of("A0", "A2", "A4", "C1")),
          medquad(0),
          medquad(5),
          medquad(10),
          medquad(20));

  private static TrialSet of(TrialData data, List<Integer> batches) {
    List<String> arms =
        Arm.ALL.stream().map(Arm::name).filter(arm -> !arm.equals(Arm.GUIDED_CLUSTERS)).toList();
    return new TrialSet(data.name(), data, Network.STATIC, batches, 5, 1_500, arms);
  }

  /** MedQuAD with injected false negatives, for the guide. */
  static TrialSet medquad(int injected) {
    TrialData data = new MedquadData(injected);
    return new TrialSet(
        data.name(),
        data,
        Network.STATIC,
        List.of(256),
        3,
        600,
        List.of("A0", "A5", "A1", Arm.GUIDED_CLUSTERS));
  }
}
