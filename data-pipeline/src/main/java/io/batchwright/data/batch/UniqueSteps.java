package io.batchwright.data.batch;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.StorageLevels;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import scala.Tuple2;

/** The rounds of {@link NoDuplicates}. */
final class UniqueSteps {
  private static final int WINDOW_STEPS = 64;
  private static final int MAX_ROUNDS = 6;
  private static final int UNPLACED = -1;
  private static final int PARTIAL = -2;

  private final NoDuplicates recipe;
  private final PlanKey key;

  UniqueSteps(NoDuplicates recipe, PlanKey key) {
    this.recipe = recipe;
    this.key = key;
  }

  /** A sample in a window: in its step (numbered within the window), or negative. */
  private record Assigned(Candidate sample, long window, int step, int position)
      implements Serializable {}

  /** One round's result, with the number of the first step of each window. */
  private record Round(JavaRDD<Assigned> assigned, Map<Long, Long> firstStep, boolean buckets)
      implements Serializable {}

  Plan plan(Dataset<Row> samples) {
    EpochSamples all = EpochSamples.same(samples);
    JavaRDD<Candidate> pool = Candidate.shuffled(all, List.of(key), BucketTurns.BY_NUMBER);
    SortedMap<Integer, Long> byBucket = all.counts().apply(key.epoch());
    long poolSize = all.count(key.epoch());
    List<Round> rounds = new ArrayList<>();
    long steps = 0;
    boolean last = false;
    while (poolSize > 0 && !last) {
      boolean first = rounds.isEmpty();
      last = (!first && poolSize <= windowSize()) || rounds.size() >= MAX_ROUNDS;
      JavaRDD<Assigned> assigned =
          fill(first ? windowsByBucket(pool, byBucket) : windows(pool), last)
              .persist(StorageLevels.MEMORY_AND_DISK);
      Map<Long, Long> firstStep = new TreeMap<>();
      for (Map.Entry<Long, Integer> window : stepsByWindow(assigned).entrySet()) {
        firstStep.put(window.getKey(), steps);
        steps += window.getValue();
      }
      rounds.add(new Round(assigned, firstStep, first));
      if (!last) {
        pool =
            assigned
                .filter(entry -> entry.step < 0)
                .map(Assigned::sample)
                .sortBy(sample -> sample, true, Math.max(1, pool.getNumPartitions()));
        poolSize = pool.count();
      }
    }
    return assemble(samples, rounds, steps);
  }

  private long windowSize() {
    return (long) WINDOW_STEPS * recipe.pairsPerStep();
  }

  /** Cuts each bucket into windows; the key is (window, rank). */
  private JavaPairRDD<Slot, Candidate> windowsByBucket(
      JavaRDD<Candidate> pool, SortedMap<Integer, Long> byBucket) {
    long size = windowSize();
    Map<Integer, long[]> firsts = new TreeMap<>();
    long rank = 0;
    long window = 0;
    for (Map.Entry<Integer, Long> bucket : byBucket.entrySet()) {
      firsts.put(bucket.getKey(), new long[] {rank, window});
      rank += bucket.getValue();
      window += (bucket.getValue() + size - 1) / size;
    }
    return pool.zipWithIndex()
        .mapToPair(
            entry -> {
              long[] first = firsts.get(entry._1().bucket());
              long within = entry._2() - first[0];
              return new Tuple2<>(new Slot(first[1] + within / size, within), entry._1());
            });
  }

  private JavaPairRDD<Slot, Candidate> windows(JavaRDD<Candidate> pool) {
    long size = windowSize();
    return pool.zipWithIndex()
        .mapToPair(entry -> new Tuple2<>(new Slot(entry._2() / size, entry._2()), entry._1()));
  }

  private JavaRDD<Assigned> fill(JavaPairRDD<Slot, Candidate> windows, boolean last) {
    NoDuplicates recipe = this.recipe;
    return windows
        .repartitionAndSortWithinPartitions(new ByWindow(Math.max(1, windows.getNumPartitions())))
        .mapPartitions(
            rows -> {
              List<Assigned> assigned = new ArrayList<>();
              List<Candidate> members = new ArrayList<>();
              long window = -1;
              while (rows.hasNext()) {
                Tuple2<Slot, Candidate> row = rows.next();
                if (row._1().window() != window) {
                  fillWindow(recipe, members, window, last, assigned);
                  members.clear();
                  window = row._1().window();
                }
                members.add(row._2());
              }
              fillWindow(recipe, members, window, last, assigned);
              return assigned.iterator();
            });
  }

  private static void fillWindow(
      NoDuplicates recipe,
      List<Candidate> members,
      long window,
      boolean last,
      List<Assigned> assigned) {
    int size = recipe.pairsPerStep();
    int steps = last ? (members.size() + size - 1) / size : members.size() / size;
    FirstFit fit = new FirstFit(steps, size);
    int[] step = new int[members.size()];
    int[] position = new int[members.size()];
    for (int i = 0; i < step.length; i++) {
      step[i] = fit.place(members.get(i).equalHash(), members.get(i).positive());
      position[i] = step[i] < 0 ? -1 : fit.size(step[i]) - 1;
    }
    boolean keepPartial = last && !recipe.dropLast();
    int[] number = new int[steps];
    int kept = 0;
    for (int s = 0; s < steps; s++) {
      boolean keeps = fit.size(s) == size || (keepPartial && fit.size(s) > 0);
      number[s] = keeps ? kept++ : PARTIAL;
    }
    for (int i = 0; i < step.length; i++) {
      int inWindow = step[i] < 0 ? UNPLACED : number[step[i]];
      assigned.add(new Assigned(members.get(i), window, inWindow, position[i]));
    }
  }

  private static SortedMap<Long, Integer> stepsByWindow(JavaRDD<Assigned> assigned) {
    return new TreeMap<>(
        assigned
            .mapToPair(entry -> new Tuple2<>(entry.window, Math.max(0, entry.step + 1)))
            .reduceByKey(Math::max)
            .collectAsMap());
  }

  private Plan assemble(Dataset<Row> samples, List<Round> rounds, long steps) {
    PlanKey key = this.key;
    JavaSparkContext spark =
        JavaSparkContext.fromSparkContext(samples.sparkSession().sparkContext());
    JavaRDD<Row> rows = spark.emptyRDD();
    for (Round round : rounds) {
      Map<Long, Long> firstStep = round.firstStep;
      boolean buckets = round.buckets;
      rows =
          rows.union(
              round
                  .assigned
                  .filter(entry -> entry.step >= 0)
                  .map(
                      entry -> {
                        long raw = firstStep.get(entry.window) + entry.step;
                        long step = BucketSteps.order(key).permutedIndex(raw, steps);
                        int shape = buckets ? entry.sample.bucket() : Plan.MIXED;
                        return Plan.row(step, entry.position, entry.sample, shape);
                      }));
    }
    JavaRDD<Row> dropped = spark.emptyRDD();
    if (!rounds.isEmpty()) {
      dropped =
          rounds
              .get(rounds.size() - 1)
              .assigned
              .filter(entry -> entry.step < 0)
              .map(
                  entry ->
                      RowFactory.create(
                          entry.sample.sample(),
                          entry.step == PARTIAL ? Plan.PARTIAL_STEP : Plan.DUPLICATE_IN_STEP));
    }
    return new Plan(Plan.rows(samples, rows), Plan.removed(samples, dropped), steps);
  }

  /** A rank in a window. */
  private record Slot(long window, long rank) implements Comparable<Slot>, Serializable {
    @Override
    public int compareTo(Slot other) {
      int byWindow = Long.compare(window, other.window);
      return byWindow != 0 ? byWindow : Long.compare(rank, other.rank);
    }
  }

  /** Keeps a window in one partition. */
  private static final class ByWindow extends Partitioner {
    private static final long serialVersionUID = 1L;
    private final int partitions;

    ByWindow(int partitions) {
      this.partitions = partitions;
    }

    @Override
    public int numPartitions() {
      return partitions;
    }

    @Override
    public int getPartition(Object key) {
      return (int) (((Slot) key).window() % partitions);
    }
  }
}
