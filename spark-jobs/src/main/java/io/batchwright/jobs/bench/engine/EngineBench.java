package io.batchwright.jobs.bench.engine;

import io.batchwright.jobs.bench.BenchArea;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The engine: training steps and operations against PyTorch, growth, matrix products. */
public final class EngineBench implements BenchArea {
  private final Map<String, Section> sections = new LinkedHashMap<>();

  /** The area. */
  public EngineBench() {
    sections.put("static", new StepSection("static", StepShape.STATIC)::measure);
    sections.put("encoder", new StepSection("encoder", StepShape.MINILM)::measure);
    sections.put("small", new StepSection("small_encoder", StepShape.SMALL)::measure);
    sections.put("mixed", new MixedSection(StepShape.MINILM.withPairs(32))::measure);
    sections.put("growth", new StepGrowthSection()::measure);
    sections.put("operations", new OperationSection()::measure);
    sections.put("products", new ProductSection()::measure);
  }

  @Override
  public String name() {
    return "engine";
  }

  @Override
  public String description() {
    return "training steps and operations against PyTorch, growth with batch, length and width,"
        + " matrix products";
  }

  @Override
  public List<String> metrics() {
    return List.of(
        "engine_static_ratio_to_pytorch",
        "engine_encoder_ratio_to_pytorch",
        "engine_small_encoder_ratio_to_pytorch",
        "engine_mixed_ratio_to_sorted_pytorch",
        "engine_operations_slowest_ratio_to_pytorch",
        "engine_operations_median_ratio_to_pytorch",
        "engine_gemm_share_of_native",
        "engine_growth_with_batch",
        "engine_growth_with_length",
        "engine_growth_with_width");
  }

  @Override
  public Map<String, Section> sections() {
    return Collections.unmodifiableMap(sections);
  }
}
