package io.batchwright.jobs.bench.negatives;

import java.util.List;
import java.util.Set;

/**
 * A data set with a network, and what the full tier trains on it.
 *
 * @param name as {@code trials.sets} has it
 * @param data what is trained on
 * @param network what is trained
 * @param batches pairs of a step
 * @param seeds how many
 * @param leastSteps of a training
 * @param arms names
 */
record TrialSet(
    String name,
    TrialData data,
    Network network,
    List<Integer> batches,
    int seeds,
    int leastSteps,
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
              List.of("A0", "A1", "A2", "A3", "A4", "A11", "A0x2", "C1")),
          medquad(0),
          medquad(5),
          medquad(10),
          medquad(20));

  /** Epochs that a training has at the least, so that what is refreshed differs in most of it. */
  private static final int EPOCHS = 3;

  /**
   * The steps of a training, the same for all arms.
   *
   * @param batch pairs of a step
   * @param samples training pairs
   */
  int steps(int batch, long samples) {
    return Math.toIntExact(Math.max(leastSteps, EPOCHS * (samples / batch)));
  }

  private static TrialSet of(TrialData data, List<Integer> batches) {
    Set<String> others = Set.of(Arm.GUIDED_CLUSTERS, Arm.SECOND_CONTROL);
    List<String> arms = Arm.ALL.stream().map(Arm::name).filter(n -> !others.contains(n)).toList();
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
