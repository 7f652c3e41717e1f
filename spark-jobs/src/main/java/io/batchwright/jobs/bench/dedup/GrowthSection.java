package io.batchwright.jobs.bench.dedup;

import io.batchwright.data.dedup.Deduplicate;
import io.batchwright.data.dedup.Sizes;
import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.jobs.bench.GrowthExponent;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** How time grows over 1, 4 and 16 times the documents, at a constant rate of duplicates. */
final class GrowthSection {
  private static final int[] TIMES = {1, 4, 16};
  private static final int RUNS = 3;
  private static final Sizes NOTHING_ON_THE_DRIVER = new Sizes(0, 0, 0, 8L << 20, 1L << 28);

  void measure(Bench bench) throws Exception {
    String base = Corpora.sources(bench, Corpora.every(bench, 32, 2));
    BenchTable.Builder table =
        BenchTable.of(
            "Growth", "times", "documents", "MB", "seconds", "MB/s a core", "removed", "peak heap");
    DedupRun.of(
        bench.spark(), Deduplicate.DEFAULTS, grown(bench, base, 4), bench.work("grown-out"));
    double[] sizes = new double[TIMES.length];
    double[] seconds = new double[TIMES.length];
    double peak = 0;
    for (int i = 0; i < TIMES.length; i++) {
      String input = grown(bench, base, TIMES[i]);
      TextSize size = TextSize.of(bench.spark(), input);
      HeapPeak heap = HeapPeak.start();
      DedupRun run = null;
      double best = Double.MAX_VALUE;
      for (int attempt = 0; attempt < (TIMES[i] == 16 ? 1 : RUNS); attempt++) {
        run = DedupRun.of(bench.spark(), Deduplicate.DEFAULTS, input, bench.work("grown-out"));
        best = Math.min(best, run.seconds());
      }
      sizes[i] = size.bytes();
      seconds[i] = best;
      peak = Math.max(peak, heap.gigabytes());
      table.row(
          TIMES[i] + "x",
          String.format(Locale.ROOT, "%,d", size.documents()),
          String.format(Locale.ROOT, "%,.1f", size.megabytes()),
          String.format(Locale.ROOT, "%.2f", best),
          String.format(Locale.ROOT, "%.2f", size.rate(best, bench.cores())),
          String.format(Locale.ROOT, "%,d", run.figures().get("removed")),
          String.format(Locale.ROOT, "%.2f GB", heap.gigabytes()));
    }
    atScale(bench);
    bench.figure("dedup_growth_exponent", "exponent", GrowthExponent.of(sizes, seconds));
    bench.figure(
        "dedup_growth_exponent_4_to_16",
        "exponent",
        GrowthExponent.of(
            new double[] {sizes[1], sizes[2]}, new double[] {seconds[1], seconds[2]}));
    bench.figure("dedup_growth_peak_heap_gb_per_core", "GB", peak / bench.cores());
    bench.table(
        table.note(
            "Source files and copies of them in which every word is another word of the corpus of"
                + " its length, by one permutation a copy: same lengths, same duplicates inside a"
                + " copy, none across. Heap: the most that was used, garbage included."));
  }

  /** The largest table again as if it were too large for the driver: what a corpus costs. */
  private static void atScale(Bench bench) throws Exception {
    String input = bench.work("grown");
    TextSize size = TextSize.of(bench.spark(), input);
    Deduplicate recipe = Deduplicate.DEFAULTS;
    double[] seconds = new double[1];
    SparkCosts.Costs costs =
        SparkCosts.of(
            bench.spark(),
            () ->
                seconds[0] =
                    DedupRun.of(
                            bench.spark(),
                            recipe,
                            NOTHING_ON_THE_DRIVER,
                            input,
                            bench.work("scale-out"))
                        .seconds());
    double perDocument = (double) costs.shuffled() / size.documents();
    bench.figure("dedup_shuffle_bytes_per_document", "bytes", perDocument);
    bench.figure("dedup_cpu_seconds_per_gb", "s", costs.cpuSeconds() / (size.megabytes() / 1000));
    bench.figure(
        "dedup_distributed_mb_per_core_second", "MB/s", size.rate(seconds[0], bench.cores()));
    bench.table(
        BenchTable.of(
                "Costs on executors",
                "documents",
                "MB",
                "seconds",
                "MB/s a core",
                "task CPU s",
                "GC s",
                "shuffled bytes a document",
                "spilled MB")
            .row(
                String.format(Locale.ROOT, "%,d", size.documents()),
                String.format(Locale.ROOT, "%,.1f", size.megabytes()),
                String.format(Locale.ROOT, "%.2f", seconds[0]),
                String.format(Locale.ROOT, "%.2f", size.rate(seconds[0], bench.cores())),
                String.format(Locale.ROOT, "%.1f", costs.cpuSeconds()),
                String.format(Locale.ROOT, "%.1f", costs.collectionSeconds()),
                String.format(Locale.ROOT, "%,.0f", perDocument),
                String.format(Locale.ROOT, "%,.1f", costs.spilled() / 1e6))
            .note(
                "The largest table of the growth above, with every step on executors, as it is"
                    + " done for more than 400,000 documents: what docs/dedup-at-scale.md"
                    + " calculates with."));
  }

  /** The base and its copies 1 to {@code times - 1}. */
  private static String grown(Bench bench, String base, int times) {
    if (times == 1) {
      return base;
    }
    Dataset<Row> documents = bench.spark().read().parquet(base);
    List<String> vocabulary =
        documents
            .selectExpr("explode(array_distinct(split(lower(text), '[^a-z]+'))) as word")
            .where("word <> ''")
            .distinct()
            .as(Encoders.STRING())
            .collectAsList();
    PermutedVocabulary permuted =
        new PermutedVocabulary(new ArrayList<>(vocabulary), bench.recipe().seed());
    Broadcast<PermutedVocabulary> everywhere =
        JavaSparkContext.fromSparkContext(bench.spark().sparkContext()).broadcast(permuted);
    Dataset<Row> grown =
        bench
            .spark()
            .createDataFrame(
                documents
                    .repartition(4 * bench.cores())
                    .toJavaRDD()
                    .mapPartitions(new Copies(everywhere, times)),
                SourceFiles.SCHEMA);
    return bench.write("grown", grown);
  }

  private record Copies(Broadcast<PermutedVocabulary> vocabulary, int times)
      implements FlatMapFunction<Iterator<Row>, Row> {
    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
      PermutedVocabulary permuted = vocabulary.value();
      int[][] images = new int[times][];
      for (int copy = 1; copy < times; copy++) {
        images[copy] = permuted.copy(copy);
      }
      return new Walk(rows, permuted, images);
    }
  }

  private static final class Walk implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final PermutedVocabulary permuted;
    private final int[][] images;
    private Row row;
    private int copy;

    Walk(Iterator<Row> rows, PermutedVocabulary permuted, int[][] images) {
      this.rows = rows;
      this.permuted = permuted;
      this.images = images;
      this.copy = images.length;
    }

    @Override
    public boolean hasNext() {
      return copy < images.length || rows.hasNext();
    }

    @Override
    public Row next() {
      if (copy == images.length) {
        row = rows.next();
        copy = 0;
      }
      int[] image = images[copy];
      String text = row.getString(2);
      Row result =
          RowFactory.create(
              row.getString(0) + "#" + copy,
              row.getString(1),
              image == null ? text : permuted.translate(text, image));
      copy++;
      return result;
    }
  }
}
