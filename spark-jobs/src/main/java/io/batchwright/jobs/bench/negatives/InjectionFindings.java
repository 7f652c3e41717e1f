package io.batchwright.jobs.bench.negatives;

import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.train.evaluation.Interval;
import io.batchwright.train.evaluation.PairedBootstrap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a guide is worth as false negatives are injected: the slope of its gain over their share, by
 * least squares query by query, with an interval by the bootstrap over groups.
 */
final class InjectionFindings {
  private static final Map<String, String> GUIDED = new TreeMap<>(Map.of("A0", "A5", "A1", "A1G"));

  private final TreeMap<Integer, SetResults> byShare = new TreeMap<>();

  InjectionFindings(List<SetResults> results) {
    for (SetResults of : results) {
      if (of.set().data() instanceof MedquadData data && of.batch() == QualitySection.BATCH) {
        byShare.put(data.injected(), of);
      }
    }
  }

  void publish(Bench bench) {
    if (byShare.isEmpty()) {
      return;
    }
    List<String> header = new ArrayList<>(List.of("arms"));
    byShare.keySet().forEach(share -> header.add(share + " % injected"));
    header.add("slope for 10 %");
    BenchTable.Builder table =
        BenchTable.of("What a guide gains as false negatives grow", header.toArray(String[]::new));
    GUIDED.forEach((plain, guided) -> row(bench, table, plain, guided));
    bench.table(
        table.note(
            "Gain in nDCG@10 of the arm with the guide over the one without, at the same share of"
                + " injected false negatives; only the slope is claimed. A dash: not run yet."));
  }

  private void row(Bench bench, BenchTable.Builder table, String plain, String guided) {
    List<String> cells = new ArrayList<>(List.of(guided + " against " + plain));
    TreeMap<Double, double[]> gains = new TreeMap<>();
    for (Map.Entry<Integer, SetResults> share : byShare.entrySet()) {
      ArmResult with = share.getValue().arm(guided).filter(ArmResult::there).orElse(null);
      ArmResult without = share.getValue().arm(plain).filter(ArmResult::there).orElse(null);
      if (with == null || without == null) {
        cells.add("-");
        continue;
      }
      int seeds = Math.min(with.seeds().size(), without.seeds().size());
      double[] gain = with.ndcg(seeds);
      double[] base = without.ndcg(seeds);
      Arrays.setAll(gain, q -> gain[q] - base[q]);
      gains.put(share.getKey().doubleValue(), gain);
      cells.add(text("%+.4f", Arrays.stream(gain).average().orElse(0)));
    }
    if (gains.size() < 2 || gains.size() < byShare.size()) {
      cells.add("-");
    } else {
      Interval slope = slope(gains, byShare.firstEntry().getValue().groups());
      cells.add(text("%+.4f [%+.4f, %+.4f]", slope.mean(), slope.low(), slope.high()));
      String metric = "gist_slope_" + plain.toLowerCase(Locale.ROOT);
      bench.figure(metric, "nDCG@10 for 10 %", slope.mean());
      bench.figure(metric + "_low", "nDCG@10 for 10 %", slope.low());
      bench.figure(metric + "_high", "nDCG@10 for 10 %", slope.high());
    }
    table.row(cells.toArray(String[]::new));
  }

  /** For ten per cent, from gains of each query by per cent. */
  static Interval slope(TreeMap<Double, double[]> gains, List<String> groups) {
    double mean = gains.keySet().stream().mapToDouble(x -> x).average().orElseThrow();
    double squares = gains.keySet().stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
    double[] slopes = new double[groups.size()];
    gains.forEach(
        (share, gain) ->
            Arrays.setAll(slopes, q -> slopes[q] + 10 * (share - mean) / squares * gain[q]));
    return PairedBootstrap.DEFAULTS.overGroups(groups).interval(slopes);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
