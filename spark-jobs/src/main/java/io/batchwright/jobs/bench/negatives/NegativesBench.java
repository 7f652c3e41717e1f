package io.batchwright.jobs.bench.negatives;

import io.batchwright.jobs.bench.BenchArea;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Hard negatives: what they do for a model, and what mining costs. */
public final class NegativesBench implements BenchArea {
  private final Map<String, Section> sections = new LinkedHashMap<>();

  /** The area. */
  public NegativesBench() {
    sections.put("search", new SearchSection()::measure);
    sections.put("clustering", new ClusteringSection()::measure);
    sections.put("sampling", new SamplingSection()::measure);
    sections.put("guide", new GuideSection()::measure);
    sections.put("quality", new QualitySection()::measure);
  }

  @Override
  public String name() {
    return "negatives";
  }

  @Override
  public String description() {
    return "hard negatives: arms that choose them differently, at equal steps and time; exact search"
        + " against faiss, clustering";
  }

  @Override
  public List<String> metrics() {
    List<String> metrics = new ArrayList<>();
    for (String suffix : List.of("_d256", "_d768")) {
      metrics.add("search_share_of_gemm_peak" + suffix);
      metrics.add("search_speedup_over_faiss" + suffix);
    }
    metrics.add("clustering_seconds");
    metrics.addAll(SamplingSection.METRICS);
    metrics.addAll(
        List.of(
            GuideSection.PRECISION,
            GuideSection.COPIES_PRECISION,
            GuideSection.COPIES_RECALL,
            "gist_slope_a0"));
    for (Arm arm : Arm.ALL) {
      if (!arm.metric().isEmpty()) {
        metrics.add("ndcg10_" + arm.metric());
      }
    }
    return metrics;
  }

  @Override
  public Map<String, Section> sections() {
    return Collections.unmodifiableMap(sections);
  }
}
