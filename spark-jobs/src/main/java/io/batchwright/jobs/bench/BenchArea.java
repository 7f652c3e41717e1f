package io.batchwright.jobs.bench;

import java.util.List;

/** One area of benchmarks, such as deduplication. */
public interface BenchArea {
  /** Its name on the command line. */
  String name();

  /** One line on what it measures. */
  String description();

  /** The metrics that it promises, by their names in {@code run.json}. */
  List<String> metrics();

  /** The names of its sections, in the order they run. */
  List<String> sections();

  /** Measures one section. */
  void measure(String section, Bench bench) throws Exception;
}
