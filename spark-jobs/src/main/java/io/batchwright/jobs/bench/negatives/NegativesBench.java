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
    sections.put("quality", new QualitySection()::measure);
  }

  @Override
  public String name() {
    return "negatives";
  }

  @Override
  public String description() {
    return "hard negatives: arms that choose them differently, compared at equal steps and time";
  }

  @Override
  public List<String> metrics() {
    List<String> metrics = new ArrayList<>();
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
