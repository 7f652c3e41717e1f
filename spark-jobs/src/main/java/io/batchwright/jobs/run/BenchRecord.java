package io.batchwright.jobs.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.technique.Check;
import java.util.Arrays;
import java.util.List;

/**
 * What a benchmark measured, where and on which code.
 *
 * @param area the benchmark, such as {@code dedup}
 * @param environment the hardware and versions
 * @param commit the code
 * @param figures what was measured
 */
public record BenchRecord(
    String area, Environment environment, String commit, List<Figure> figures) {

  /**
   * One figure over its repetitions.
   *
   * @param name the metric's name in {@code run.json}, where its median stands
   * @param unit such as {@code MB/s}, or {@code ratio}
   * @param min the lowest
   * @param median the middle one, the mean of two where their number is even
   * @param max the highest
   * @param repetitions how many
   */
  public record Figure(
      String name, String unit, double min, double median, double max, int repetitions) {
    /** The figure of {@code samples}, in any order. */
    public static Figure of(String name, String unit, double... samples) {
      Check.atLeast("samples of " + name, samples.length, 1);
      double[] sorted = samples.clone();
      Arrays.sort(sorted);
      int half = sorted.length / 2;
      double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
      return new Figure(name, unit, sorted[0], median, sorted[sorted.length - 1], sorted.length);
    }
  }

  public BenchRecord {
    figures = List.copyOf(figures);
  }

  /** A record of this process's machine and code. */
  public static BenchRecord here(String area, List<Figure> figures) {
    return new BenchRecord(area, Environment.probe(), BuildInfo.read().commit(), figures);
  }

  /** Puts the medians among the metrics of {@code run}, and the whole under {@code bench}. */
  public void publish(RunRecord run) {
    run.put("bench", toJson());
    figures.forEach(figure -> run.metric(figure.name(), figure.median()));
  }

  ObjectNode toJson() {
    ObjectNode json = JsonFile.JSON.createObjectNode();
    json.put("area", area).put("commit", commit);
    json.set("environment", environment.toJson());
    ObjectNode all = json.putObject("figures");
    for (Figure figure : figures) {
      all.putObject(figure.name())
          .put("unit", figure.unit())
          .put("min", figure.min())
          .put("median", figure.median())
          .put("max", figure.max())
          .put("repetitions", figure.repetitions());
    }
    return json;
  }
}
