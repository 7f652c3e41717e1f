package io.batchwright.jobs.bench.dedup;

import io.batchwright.jobs.bench.BenchArea;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Deduplication: speed from Parquet to Parquet against two peers, quality against exact truth,
 * growth, one hot bucket.
 */
public final class DedupBench implements BenchArea {
  private final Map<String, Section> sections = new LinkedHashMap<>();

  /** The area. */
  public DedupBench() {
    // Speed first: its cold run is to be the first deduplication of this process.
    sections.put("speed", new SpeedSection()::measure);
    sections.put("signature", new SignatureSection()::measure);
    sections.put("planted", new PlantedSection()::measure);
    sections.put("licenses", new LicensesSection()::measure);
    sections.put("multisource", new MultisourceSection()::measure);
    sections.put("growth", new GrowthSection()::measure);
    sections.put("hot-bucket", new HotBucketSection()::measure);
  }

  @Override
  public String name() {
    return "dedup";
  }

  @Override
  public String description() {
    return "deduplication: speed against MLlib and plain Spark, recall and precision against exact"
        + " truth, growth";
  }

  @Override
  public List<String> metrics() {
    return List.of(
        "dedup_mb_per_core_second",
        "dedup_speedup_over_mllib",
        "dedup_speedup_over_plain_spark",
        "dedup_precision",
        "dedup_recall_j80",
        "dedup_growth_exponent",
        "signature_mb_per_core_second");
  }

  @Override
  public Map<String, Section> sections() {
    return Collections.unmodifiableMap(sections);
  }
}
