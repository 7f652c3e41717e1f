package io.batchwright.kernel.cpu;

import static io.batchwright.kernel.Arguments.integers;
import static io.batchwright.kernel.Arguments.like;
import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameFloating;
import static io.batchwright.kernel.Arguments.shape;

import io.batchwright.kernel.AdamWRule;
import io.batchwright.kernel.AdamWUpdate;
import io.batchwright.kernel.Moments;
import io.batchwright.kernel.UpdateKernels;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** {@link UpdateKernels}: parameter, gradient and moments are read and written once per update. */
final class CpuUpdates implements UpdateKernels {
  private final Workers workers;

  CpuUpdates(Workers workers) {
    this.workers = workers;
  }

  @Override
  public void sgd(Tensor parameter, Tensor gradient, double rate) {
    sameFloating("sgd", parameter, gradient);
    like("sgd", "gradient", gradient, parameter);
    int width = parameter.shape().columns();
    workers.rows(
        parameter.shape().rows(),
        width,
        (from, to) -> {
          RowAccumulator sum = RowAccumulator.of(parameter.dtype(), width, workers.scratch());
          for (long row = from; row < to; row++) {
            sum.resume(Rows.address(parameter, row));
            sum.add(-rate, Rows.address(gradient, row));
            sum.end();
          }
        });
  }

  @Override
  public void sgdRows(Tensor parameter, RowSparse gradient, double rate) {
    int[] rows = rowsOf("sgdRows", parameter, gradient);
    int width = gradient.width();
    workers.rows(
        gradient.count(),
        width,
        (from, to) -> {
          RowAccumulator sum = RowAccumulator.of(parameter.dtype(), width, workers.scratch());
          for (int u = (int) from; u < to; u++) {
            sum.resume(Rows.address(parameter, rows[u]));
            sum.add(-rate, Rows.address(gradient.values(), u));
            sum.end();
          }
        });
  }

  @Override
  public void adamW(List<AdamWUpdate> updates, int step) {
    Scratch scratch = workers.scratch();
    for (AdamWUpdate of : updates) {
      AdamWLoops.Step scalars = AdamWLoops.Step.of(of.rule(), of.rates()[step - 1], step, scratch);
      update(of.parameter(), of.gradient(), of.moments(), scalars);
    }
  }

  private void update(Tensor parameter, Tensor gradient, Moments moments, AdamWLoops.Step scalars) {
    long gradients = CpuMemory.addressOf(gradient);
    int bytes = gradient.dtype().bytes();
    workers.elements(
        parameter.elements(),
        (from, to) ->
            new Place(parameter, moments, workers.scratch())
                .update(from, gradients + bytes * from, to - from, scalars));
  }

  @Override
  public void adamDirections(
      List<Tensor> gradients, List<Moments> moments, AdamWRule rule, int step) {
    Scratch scratch = workers.scratch();
    AdamWLoops.Step scalars = AdamWLoops.Step.direction(rule, step, scratch);
    for (int i = 0; i < gradients.size(); i++) {
      update(gradients.get(i), gradients.get(i), moments.get(i), scalars);
    }
  }

  @Override
  public void lionDirections(
      List<Tensor> gradients, List<Tensor> momenta, double beta1, double beta2) {
    for (int i = 0; i < gradients.size(); i++) {
      Tensor gradient = gradients.get(i);
      Tensor momentum = momenta.get(i);
      workers.elements(
          gradient.elements(),
          (from, to) ->
              LionLoops.update(gradient, momentum, beta1, beta2, from, to, workers.scratch()));
    }
  }

  @Override
  public void adamWCatchUp(
      Tensor parameter, Tensor rows, Moments moments, AdamWRule rule, double[] rates, int upTo) {
    String operation = "adamWCatchUp";
    checkTable(operation, parameter, moments, true);
    require(upTo <= rates.length, operation, "%d rates do not reach step %d", rates.length, upTo);
    Scratch scratch = workers.scratch();
    Place place = new Place(parameter, moments, scratch);
    int[] chosen = rows == null ? null : rowNumbers(operation, rows, parameter);
    int count = rows == null ? parameter.shape().dim(0) : (int) rows.elements();
    int oldest = upTo;
    for (int i = 0; i < count; i++) {
      oldest = Math.min(oldest, place.lastStep(chosen == null ? i : chosen[i]));
    }
    AdamWLoops.Step[] missed = new AdamWLoops.Step[upTo - oldest]; // the steps after the oldest
    for (int i = 0; i < missed.length; i++) {
      missed[i] = AdamWLoops.Step.of(rule, rates[oldest + i], oldest + i + 1, scratch);
    }
    // A row may be named several times: the first time takes it.
    int[] stale = scratch.intRow(Slots.STALE_ROWS, count);
    int[] missedFrom = scratch.intRow(Slots.LAST_STEPS, count);
    int found = 0;
    for (int i = 0; i < count; i++) {
      int row = chosen == null ? i : chosen[i];
      int last = place.lastStep(row);
      if (last < upTo) {
        stale[found] = row;
        missedFrom[found++] = last - oldest;
        place.setLastStep(row, upTo);
      }
    }
    workers.rows(
        found,
        (long) parameter.shape().dim(1) * missed.length,
        (from, to) -> {
          Place part = new Place(parameter, moments, workers.scratch());
          for (int i = (int) from; i < to; i++) {
            part.replay(stale[i], missed, missedFrom[i]);
          }
        });
  }

  @Override
  public void adamWRowsExact(
      Tensor parameter,
      RowSparse gradient,
      Moments moments,
      AdamWRule rule,
      double[] rates,
      int step) {
    checkTable("adamWRowsExact", parameter, moments, true);
    requireStep("adamWRowsExact", rates, step);
    adamWCatchUp(parameter, gradient.rows(), moments, rule, rates, step - 1);
    int[] rows = rowsOf("adamWRowsExact", parameter, gradient);
    Scratch scratch = workers.scratch();
    Place place = new Place(parameter, moments, scratch);
    for (int u = 0; u < gradient.count(); u++) {
      require(
          place.lastStep(rows[u]) == step - 1,
          "adamWRowsExact",
          "row %d was already updated at step %d, now comes step %d",
          rows[u],
          place.lastStep(rows[u]),
          step);
      place.setLastStep(rows[u], step);
    }
    AdamWLoops.Step scalars = AdamWLoops.Step.of(rule, rates[step - 1], step, scratch);
    updateRows(parameter, moments, gradient, rows, scalars);
  }

  @Override
  public void adamWRowsLazy(
      Tensor parameter,
      RowSparse gradient,
      Moments moments,
      AdamWRule rule,
      double[] rates,
      int step) {
    checkTable("adamWRowsLazy", parameter, moments, false);
    requireStep("adamWRowsLazy", rates, step);
    int[] rows = rowsOf("adamWRowsLazy", parameter, gradient);
    AdamWLoops.Step scalars = AdamWLoops.Step.lazy(rule, rates[step - 1], step, workers.scratch());
    updateRows(parameter, moments, gradient, rows, scalars);
  }

  private void updateRows(
      Tensor parameter, Moments moments, RowSparse gradient, int[] rows, AdamWLoops.Step scalars) {
    long width = gradient.width();
    workers.rows(
        gradient.count(),
        width,
        (from, to) -> {
          Place place = new Place(parameter, moments, workers.scratch());
          for (int u = (int) from; u < to; u++) {
            place.update(rows[u] * width, Rows.address(gradient.values(), u), width, scalars);
          }
        });
  }

  private static void checkTable(
      String operation, Tensor parameter, Moments moments, boolean byRows) {
    sameFloating(operation, parameter, moments.first());
    rank(operation, "parameter", parameter, 2);
    like(operation, "the moments", moments.first(), parameter);
    require(
        !byRows || moments.lastStep() != null,
        operation,
        "the moments of %s must carry the last step of each row",
        parameter);
  }

  private static void requireStep(String operation, double[] rates, int step) {
    require(step >= 1, operation, "step counts from 1, got %d", step);
    require(step <= rates.length, operation, "%d rates do not reach step %d", rates.length, step);
  }

  private int[] rowsOf(String operation, Tensor parameter, RowSparse gradient) {
    sameFloating(operation, parameter, gradient.values());
    rank(operation, "parameter", parameter, 2);
    shape(operation, "gradient", gradient.values(), gradient.count(), parameter.shape().dim(1));
    return rowNumbers(operation, gradient.rows(), parameter);
  }

  private int[] rowNumbers(String operation, Tensor rows, Tensor parameter) {
    integers(operation, "rows", rows);
    int count = (int) rows.elements();
    int[] chosen = workers.scratch().intRow(Slots.TOKENS, count);
    OffHeap.get(CpuMemory.addressOf(rows), chosen, count);
    RowSegments.requireInside(operation, chosen, count, parameter.shape().dim(0));
    return chosen;
  }

  /** A parameter and its moments in memory. Doubles pass through tiles. */
  private static final class Place {
    /** A row whose first moment has decayed to 0 is looked for once in so many replayed steps. */
    private static final int QUIET_CHECK = 16;

    private final long parameter;
    private final long first;
    private final long second;
    private final long lastStep;
    private final int width;
    private final boolean floats;
    private final Scratch scratch;

    Place(Tensor parameter, Moments moments, Scratch scratch) {
      this.parameter = CpuMemory.addressOf(parameter);
      this.first = CpuMemory.addressOf(moments.first());
      this.second = CpuMemory.addressOf(moments.second());
      this.lastStep = moments.lastStep() == null ? 0 : CpuMemory.addressOf(moments.lastStep());
      this.width = parameter.shape().columns();
      this.floats = parameter.dtype() == DType.F32;
      this.scratch = scratch;
    }

    int lastStep(int row) {
      return OffHeap.intAt(lastStep + 4L * row);
    }

    void setLastStep(int row, int step) {
      OffHeap.putInt(lastStep + 4L * row, step);
    }

    /** A step of {@code count} elements from {@code element} on. */
    void update(long element, long gradient, long count, AdamWLoops.Step step) {
      if (floats) {
        long at = 4 * element;
        scratch.streams.adamW(parameter + at, gradient, first + at, second + at, count, step);
        return;
      }
      for (long done = 0; done < count; done += Scratch.TILE) {
        int some = (int) Math.min(Scratch.TILE, count - done);
        load(element + done, some);
        OffHeap.get(gradient + 8 * done, scratch.doubles1, some);
        updateTile(some, step);
        store(element + done, some);
      }
    }

    private void load(long element, int count) {
      OffHeap.get(parameter + 8 * element, scratch.doubles0, count);
      OffHeap.get(first + 8 * element, scratch.doubles2, count);
      OffHeap.get(second + 8 * element, scratch.doubles3, count);
    }

    private void updateTile(int count, AdamWLoops.Step step) {
      AdamWLoops.update(
          scratch.doubles0, scratch.doubles1, scratch.doubles2, scratch.doubles3, count, step);
    }

    private void store(long element, int count) {
      OffHeap.put(scratch.doubles0, parameter + 8 * element, count);
      OffHeap.put(scratch.doubles2, first + 8 * element, count);
      OffHeap.put(scratch.doubles3, second + 8 * element, count);
    }

    /** {@code steps} from {@code from} on with zero gradients, a tile of the row at a time. */
    void replay(int row, AdamWLoops.Step[] steps, int from) {
      for (int column = 0; column < width; column += Scratch.TILE) {
        int count = Math.min(Scratch.TILE, width - column);
        long element = (long) row * width + column;
        if (floats) {
          replayFloats(4 * element, count, steps, from);
          continue;
        }
        load(element, count);
        Arrays.fill(scratch.doubles1, 0, count, 0);
        for (int s = from; s < steps.length; s++) {
          updateTile(count, steps[s]);
        }
        store(element, count);
      }
    }

    private void replayFloats(long at, int count, AdamWLoops.Step[] steps, int from) {
      long zeros = scratch.directRow(Slots.DIRECT_ZEROS, count);
      OffHeap.zero(zeros, 4L * count);
      boolean quiet = false;
      for (int s = from; s < steps.length; s++) {
        AdamWLoops.Step step = steps[s];
        if (!quiet && (s - from) % QUIET_CHECK == 0) {
          quiet = step.epsilon() > 0 && allZero(first + at, count);
        }
        if (quiet) {
          scratch.streams.decay(parameter + at, second + at, count, step);
        } else {
          scratch.streams.adamW(parameter + at, zeros, first + at, second + at, count, step);
        }
      }
    }

    private static boolean allZero(long address, int count) {
      for (int i = 0; i < count; i++) {
        if (OffHeap.floatAt(address + 4L * i) != 0f) {
          return false;
        }
      }
      return true;
    }
  }
}
