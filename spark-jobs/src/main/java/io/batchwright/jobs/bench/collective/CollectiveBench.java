package io.batchwright.jobs.bench.collective;

import io.batchwright.jobs.bench.BenchArea;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The ring: its bandwidth beside plain sockets, a training step on two ranks, larger networks. */
public final class CollectiveBench implements BenchArea {
  private final Map<String, Section> sections = new LinkedHashMap<>();

  /** The area. */
  public CollectiveBench() {
    sections.put("bandwidth", new BandwidthSection()::measure);
    sections.put("sockets", new BandwidthSection()::measureSockets);
    sections.put("scaling", new ScalingSection()::measure);
    sections.put("largebatch", new LargeBatchSection()::measure);
    sections.put("networks", new NetworkSection()::measure);
  }

  @Override
  public String name() {
    return "collective";
  }

  @Override
  public String description() {
    return "all-reduce beside plain sockets, a training step on two ranks, larger networks";
  }

  @Override
  public List<String> metrics() {
    return List.of(
        "collective_share_of_tcp",
        "collective_processor_share_of_tcp",
        "collective_sockets4_over_socket1",
        "collective_latency_4kb_us",
        "collective_scaling_1_to_2",
        "collective_wait_share",
        "collective_hidden_share",
        "ranks2_over_threads2",
        "gradcache_pairs",
        "gradcache_pairs_per_second",
        "gradcache_peak_mb_a_rank");
  }

  @Override
  public Map<String, Section> sections() {
    return Collections.unmodifiableMap(sections);
  }
}
