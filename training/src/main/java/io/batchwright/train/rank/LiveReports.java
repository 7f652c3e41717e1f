package io.batchwright.train.rank;

import io.batchwright.train.step.StepReport;
import java.util.Arrays;
import org.apache.spark.util.AccumulatorV2;

/**
 * The newest steps of rank 0, carried to the driver by executor heartbeats while the task runs.
 *
 * <p>Heartbeats may be lost, and a retried stage repeats steps: these are figures to show, never to
 * count. Metrics proper are written with the checkpoints.
 */
final class LiveReports extends AccumulatorV2<StepReport, StepReport[]> {
  private static final long serialVersionUID = 1L;
  private static final int NEWEST = 64;

  // Replaced, never changed: the heartbeat thread reads it while the task adds.
  private volatile StepReport[] reports = new StepReport[0];

  @Override
  public boolean isZero() {
    return reports.length == 0;
  }

  @Override
  public AccumulatorV2<StepReport, StepReport[]> copy() {
    LiveReports copy = new LiveReports();
    copy.reports = reports;
    return copy;
  }

  @Override
  public void reset() {
    reports = new StepReport[0];
  }

  @Override
  public void add(StepReport report) {
    StepReport[] longer = Arrays.copyOf(reports, reports.length + 1);
    longer[reports.length] = report;
    reports = newest(longer);
  }

  @Override
  public void merge(AccumulatorV2<StepReport, StepReport[]> other) {
    StepReport[] more = other.value();
    StepReport[] both = Arrays.copyOf(reports, reports.length + more.length);
    System.arraycopy(more, 0, both, reports.length, more.length);
    reports = newest(both);
  }

  @Override
  public StepReport[] value() {
    return reports;
  }

  private static StepReport[] newest(StepReport[] all) {
    return all.length <= NEWEST ? all : Arrays.copyOfRange(all, all.length - NEWEST, all.length);
  }
}
