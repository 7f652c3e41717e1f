package io.batchwright.data.batch;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import net.openhft.hashing.LongHashFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Steps of several samples of each of their labels, for losses that compare within a label, or to
 * have each step's negatives from few labels.
 *
 * <p>The samples of a label, shuffled, are cut into groups of {@code perLabel}; those that are left
 * over are in no step of the epoch (reason {@code incomplete_label}; which they are is drawn anew
 * each epoch). The groups in random order fill the steps, so two groups of a label may meet. With
 * {@code perLabel} as large as a step, a step has one label.
 *
 * <p><b>Errors.</b> The samples need the column {@code label}. The driver holds the numbers and
 * labels of all samples.
 *
 * <p><b>Deviations from the reference.</b> sentence-transformers lays the labels' samples end to
 * end, two or more of each, so that a step's border may part them; here it never does.
 *
 * <p><b>Relations.</b> {@link Tas} finds its groups by clustering.
 *
 * @param pairsPerStep samples of a step over all ranks, a multiple of {@code perLabel}; at least 1
 * @param perLabel samples of a label that stand together, at least 1
 * @param dropLast whether the last incomplete step is dropped (reason {@code partial_step})
 */
@Paper(
    title = "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks",
    arxiv = "1908.10084",
    where = "GroupByLabelBatchSampler of sentence-transformers")
public record GroupByLabel(int pairsPerStep, int perLabel, boolean dropLast)
    implements BatchPolicy {
  /** 128 pairs a step, two of a label together. */
  public static final GroupByLabel PAPER = new GroupByLabel(128, 2, true);

  /** The reason of a sample that had too few others of its label left. */
  public static final String INCOMPLETE = "incomplete_label";

  /** Checks the ranges. */
  public GroupByLabel {
    Check.atLeast("GroupByLabel.pairsPerStep", pairsPerStep, 1);
    Check.atLeast("GroupByLabel.perLabel", perLabel, 1);
    Check.that(
        pairsPerStep % perLabel == 0,
        "GroupByLabel.pairsPerStep",
        "must be a multiple of perLabel = %d, got %d".formatted(perLabel, pairsPerStep));
  }

  @Override
  public Set<SampleColumn> needs() {
    return Set.of(SampleColumn.LABEL);
  }

  @Override
  public Plan plan(Dataset<Row> samples, PlanKey key) {
    return epochs(samples).apply(key);
  }

  /** Reads the labels once. */
  @Override
  public Function<PlanKey, Plan> epochs(Dataset<Row> samples) {
    SampleColumn.LABEL.require(samples, this);
    HeldSamples held = HeldSamples.of(samples, SampleColumn.LABEL);
    String[] labels = held.texts(0);
    SortedMap<String, List<Integer>> byLabel = new TreeMap<>();
    for (int place = 0; place < labels.length; place++) {
      byLabel.computeIfAbsent(labels[place], label -> new ArrayList<>()).add(place);
    }
    return key -> held.plan(order(byLabel, key), pairsPerStep, dropLast, INCOMPLETE, key);
  }

  private int[] order(SortedMap<String, List<Integer>> byLabel, PlanKey key) {
    List<int[]> groups = new ArrayList<>();
    byLabel.forEach((label, members) -> addGroups(groups, label, members, key));
    RandomStream random = RandomStream.of(key.seed(), "batch.labels", key.epoch(), 0);
    return IntStream.range(0, groups.size())
        .map(turn -> (int) random.permutedIndex(turn, groups.size()))
        .mapToObj(groups::get)
        .flatMapToInt(Arrays::stream)
        .toArray();
  }

  private void addGroups(List<int[]> groups, String label, List<Integer> members, PlanKey key) {
    RandomStream random =
        RandomStream.of(
            key.seed(),
            "batch.label",
            key.epoch(),
            LongHashFunction.xx3().hashChars(label) & Long.MAX_VALUE);
    for (int first = 0; first + perLabel <= members.size(); first += perLabel) {
      groups.add(
          IntStream.range(first, first + perLabel)
              .map(i -> members.get((int) random.permutedIndex(i, members.size())))
              .toArray());
    }
  }
}
