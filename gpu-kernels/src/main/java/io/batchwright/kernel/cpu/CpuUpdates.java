package io.batchwright.kernel.cpu;

import static io.batchwright.kernel.Arguments.integers;
import static io.batchwright.kernel.Arguments.like;
import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameFloating;
import static io.batchwright.kernel.Arguments.shape;

import io.batchwright.kernel.AdamWRule;
import io.batchwright.kernel.Moments;
import io.batchwright.kernel.UpdateKernels;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * {@link UpdateKernels}: parameter, gradient and moments pass through scratch tiles once per
 * update.
 */
final class CpuUpdates implements UpdateKernels {
  private final Supplier<Scratch> scratches;

  CpuUpdates(Supplier<Scratch> scratches) {
    this.scratches = scratches;
  }

  @Override
  public void sgd(Tensor parameter, Tensor gradient, double rate) {
    sameFloating("sgd", parameter, gradient);
    like("sgd", "gradient", gradient, parameter);
    Tiles.binary(
        gradient,
        parameter,
        parameter,
        (g, p, out, n) -> FloatLoops.axpy((float) -rate, g, p, out, n),
        (g, p, out, n) -> DoubleLoops.axpy(-rate, g, p, out, n),
        scratches.get());
  }

  @Override
  public void sgdRows(Tensor parameter, RowSparse gradient, double rate) {
    int[] rows = rowsOf("sgdRows", parameter, gradient);
    int width = gradient.width();
    RowAccumulator sum = RowAccumulator.of(parameter.dtype(), width, scratches.get());
    for (int u = 0; u < gradient.count(); u++) {
      sum.load(Rows.address(parameter, rows[u]));
      sum.add(-rate, Rows.address(gradient.values(), u));
      sum.store(Rows.address(parameter, rows[u]));
    }
  }

  @Override
  public void adamW(
      Tensor parameter,
      Tensor gradient,
      Moments moments,
      AdamWRule rule,
      double[] rates,
      int step) {
    sameFloating("adamW", parameter, gradient, moments.first());
    like("adamW", "gradient", gradient, parameter);
    like("adamW", "the moments", moments.first(), parameter);
    requireStep("adamW", rates, step);
    Scratch scratch = scratches.get();
    AdamWLoops.Step scalars = AdamWLoops.Step.of(rule, rates[step - 1], step, scratch);
    Place place = new Place(parameter, moments, scratch);
    long grad = CpuMemory.addressOf(gradient);
    for (long done = 0; done < parameter.elements(); done += Scratch.TILE) {
      int count = (int) Math.min(Scratch.TILE, parameter.elements() - done);
      place.load(done, count);
      place.loadGradient(grad + done * parameter.dtype().bytes(), count);
      place.update(count, scalars);
      place.store(done, count);
    }
  }

  @Override
  public void adamWCatchUp(
      Tensor parameter, Tensor rows, Moments moments, AdamWRule rule, double[] rates, int upTo) {
    String operation = "adamWCatchUp";
    checkTable(operation, parameter, moments, true);
    require(upTo <= rates.length, operation, "%d rates do not reach step %d", rates.length, upTo);
    Scratch scratch = scratches.get();
    Place place = new Place(parameter, moments, scratch);
    AdamWLoops.Step[] steps = new AdamWLoops.Step[Math.max(0, upTo)];
    int[] chosen = rows == null ? null : rowNumbers(operation, rows, parameter);
    int count = rows == null ? parameter.shape().dim(0) : (int) rows.elements();
    for (int i = 0; i < count; i++) {
      int row = chosen == null ? i : chosen[i];
      int last = place.lastStep(row);
      if (last < upTo) {
        for (int s = last + 1; s <= upTo; s++) {
          if (steps[s - 1] == null) {
            steps[s - 1] = AdamWLoops.Step.of(rule, rates[s - 1], s, scratch);
          }
        }
        place.replay(row, steps, last + 1, upTo);
        place.setLastStep(row, upTo);
      }
    }
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
    Scratch scratch = scratches.get();
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
    updateRows(place, gradient, rows, AdamWLoops.Step.of(rule, rates[step - 1], step, scratch));
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
    Scratch scratch = scratches.get();
    updateRows(
        new Place(parameter, moments, scratch),
        gradient,
        rows,
        AdamWLoops.Step.lazy(rule, rates[step - 1], step, scratch));
  }

  private static void updateRows(
      Place place, RowSparse gradient, int[] rows, AdamWLoops.Step scalars) {
    int width = gradient.width();
    int bytes = gradient.values().dtype().bytes();
    for (int u = 0; u < gradient.count(); u++) {
      long grad = Rows.address(gradient.values(), u);
      for (int column = 0; column < width; column += Scratch.TILE) {
        int count = Math.min(Scratch.TILE, width - column);
        long element = (long) rows[u] * width + column;
        place.load(element, count);
        place.loadGradient(grad + (long) column * bytes, count);
        place.update(count, scalars);
        place.store(element, count);
      }
    }
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
    int[] chosen = scratches.get().intRow(Slots.TOKENS, count);
    OffHeap.get(CpuMemory.addressOf(rows), chosen, count);
    RowSegments.requireInside(operation, chosen, count, parameter.shape().dim(0));
    return chosen;
  }

  /**
   * Tiles of a parameter and its moments: floats0 or doubles0 the parameter, 1 the gradient, 2 and
   * 3 the moments.
   */
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

    void load(long element, int count) {
      if (floats) {
        OffHeap.get(parameter + 4 * element, scratch.floats0, count);
        OffHeap.get(first + 4 * element, scratch.floats2, count);
        OffHeap.get(second + 4 * element, scratch.floats3, count);
      } else {
        OffHeap.get(parameter + 8 * element, scratch.doubles0, count);
        OffHeap.get(first + 8 * element, scratch.doubles2, count);
        OffHeap.get(second + 8 * element, scratch.doubles3, count);
      }
    }

    void loadGradient(long address, int count) {
      if (floats) {
        OffHeap.get(address, scratch.floats1, count);
      } else {
        OffHeap.get(address, scratch.doubles1, count);
      }
    }

    void update(int count, AdamWLoops.Step step) {
      if (floats) {
        AdamWLoops.update(
            scratch.floats0, scratch.floats1, scratch.floats2, scratch.floats3, count, step);
      } else {
        AdamWLoops.update(
            scratch.doubles0, scratch.doubles1, scratch.doubles2, scratch.doubles3, count, step);
      }
    }

    void store(long element, int count) {
      if (floats) {
        OffHeap.put(scratch.floats0, parameter + 4 * element, count);
        OffHeap.put(scratch.floats2, first + 4 * element, count);
        OffHeap.put(scratch.floats3, second + 4 * element, count);
      } else {
        OffHeap.put(scratch.doubles0, parameter + 8 * element, count);
        OffHeap.put(scratch.doubles2, first + 8 * element, count);
        OffHeap.put(scratch.doubles3, second + 8 * element, count);
      }
    }

    /** Steps {@code from} to {@code to} with zero gradients, a tile of the row at a time. */
    void replay(int row, AdamWLoops.Step[] steps, int from, int to) {
      for (int column = 0; column < width; column += Scratch.TILE) {
        int count = Math.min(Scratch.TILE, width - column);
        long element = (long) row * width + column;
        load(element, count);
        if (floats) {
          replayFloats(count, steps, from, to);
        } else {
          Arrays.fill(scratch.doubles1, 0, count, 0);
          for (int s = from; s <= to; s++) {
            update(count, steps[s - 1]);
          }
        }
        store(element, count);
      }
    }

    private void replayFloats(int count, AdamWLoops.Step[] steps, int from, int to) {
      Arrays.fill(scratch.floats1, 0, count, 0f);
      boolean quiet = false;
      for (int s = from; s <= to; s++) {
        AdamWLoops.Step step = steps[s - 1];
        if (!quiet && (s - from) % QUIET_CHECK == 0) {
          quiet = step.epsilon() > 0 && AdamWLoops.allZero(scratch.floats2, count);
        }
        if (quiet) {
          AdamWLoops.decay(scratch.floats0, scratch.floats3, count, step);
        } else {
          update(count, step);
        }
      }
    }
  }
}
