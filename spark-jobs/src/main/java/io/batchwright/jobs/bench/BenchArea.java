package io.batchwright.jobs.bench;

import java.util.List;
import java.util.Map;

/** One area of benchmarks, such as deduplication. */
public interface BenchArea {
  /** Measures one part of an area. */
  @FunctionalInterface
  interface Section {
    /** Measures, and gives {@code bench} the figures. */
    void measure(Bench bench) throws Exception;
  }

  /** Its name on the command line. */
  String name();

  /** One line on what it measures. */
  String description();

  /** The metrics that it promises, by their names in {@code run.json}. */
  List<String> metrics();

  /** Its sections by name, in the order they run. */
  Map<String, Section> sections();
}
