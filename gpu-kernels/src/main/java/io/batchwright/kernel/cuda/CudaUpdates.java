package io.batchwright.kernel.cuda;

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

/**
 * {@link UpdateKernels} by the kernels of {@code updates.cu}. The last steps of rows are known on
 * the host as well, which starts a replay only for rows that need one.
 */
final class CudaUpdates implements UpdateKernels {
  private final CudaDevice device;

  CudaUpdates(CudaDevice device) {
    this.device = device;
  }

  @Override
  public void sgd(Tensor parameter, Tensor gradient, double rate) {
    sameFloating("sgd", parameter, gradient);
    like("sgd", "gradient", gradient, parameter);
    if (parameter.elements() > 0) {
      device.launch(
          Launch.elements(Checks.typed("axpy", parameter.dtype()), parameter.elements())
              .tensor(gradient)
              .tensor(parameter)
              .number(parameter.elements())
              .scalar(parameter.dtype(), -rate));
    }
  }

  @Override
  public void sgdRows(Tensor parameter, RowSparse gradient, double rate) {
    rowsOf("sgdRows", parameter, gradient);
    if (gradient.values().elements() > 0) {
      device.launch(
          Launch.rows(
                  Checks.typed("sgd_rows", parameter.dtype()), gradient.count(), gradient.width())
              .tensor(parameter)
              .tensor(gradient.rows())
              .tensor(gradient.values())
              .number(gradient.width())
              .scalar(parameter.dtype(), rate));
    }
  }

  @Override
  public void adamW(List<AdamWUpdate> updates, int step) {
    ManyTensors all = new ManyTensors();
    for (AdamWUpdate of : updates) {
      AdamWScalars scalars = AdamWScalars.of(of.rule(), of.rates()[step - 1], step);
      Moments moments = of.moments();
      all.add(
          List.of(of.parameter(), of.gradient(), moments.first(), moments.second()),
          scalars.numbers());
    }
    all.launch(device, "adam_w");
  }

  @Override
  public void adamDirections(
      List<Tensor> gradients, List<Moments> moments, AdamWRule rule, int step) {
    double[] numbers = AdamWScalars.direction(rule, step).numbers();
    ManyTensors all = new ManyTensors();
    for (int i = 0; i < gradients.size(); i++) {
      Tensor gradient = gradients.get(i);
      Moments of = moments.get(i);
      all.add(List.of(gradient, gradient, of.first(), of.second()), numbers);
    }
    all.launch(device, "adam_w");
  }

  @Override
  public void lionDirections(
      List<Tensor> gradients, List<Tensor> momenta, double beta1, double beta2) {
    ManyTensors all = new ManyTensors();
    for (int i = 0; i < gradients.size(); i++) {
      all.add(List.of(gradients.get(i), momenta.get(i)), beta1, 1 - beta1, beta2, 1 - beta2);
    }
    all.launch(device, "lion");
  }

  @Override
  public void adamWCatchUp(
      Tensor parameter, Tensor rows, Moments moments, AdamWRule rule, double[] rates, int upTo) {
    String operation = "adamWCatchUp";
    checkTable(operation, parameter, moments, true);
    require(upTo <= rates.length, operation, "%d rates do not reach step %d", rates.length, upTo);
    int[] chosen =
        rows == null
            ? allRows(parameter.shape().dim(0))
            : Checks.rowNumbers(operation, rows, parameter.shape().dim(0));
    int[] lastSteps = CudaMemory.integers(moments.lastStep()).clone();
    int[] behind = new int[chosen.length];
    int count = 0;
    int first = upTo;
    for (int row : chosen) {
      if (lastSteps[row] < upTo) {
        first = Math.min(first, lastSteps[row]);
        lastSteps[row] = upTo; // a row that comes again is not replayed again
        behind[count++] = row;
      }
    }
    if (count > 0 && parameter.shape().dim(1) > 0) {
      replay(parameter, Arrays.copyOf(behind, count), moments, rule, rates, first, upTo);
    }
    moments.lastStep().copyFrom(lastSteps);
  }

  /** Steps {@code after + 1} to {@code upTo} at most, each row from its own last step on. */
  private void replay(
      Tensor parameter,
      int[] rows,
      Moments moments,
      AdamWRule rule,
      double[] rates,
      int after,
      int upTo) {
    DType dtype = parameter.dtype();
    double[] scalars = new double[(upTo - after) * AdamWScalars.NUMBERS];
    for (int s = after + 1; s <= upTo; s++) {
      double[] numbers = AdamWScalars.of(rule, rates[s - 1], s).numbers();
      System.arraycopy(numbers, 0, scalars, (s - after - 1) * numbers.length, numbers.length);
    }
    int width = parameter.shape().dim(1);
    Uploads.with(
        device,
        Uploads.room(4L * rows.length) + Uploads.room((long) scalars.length * dtype.bytes()),
        uploads ->
            device.launch(
                Launch.rows(Checks.typed("adam_w_catch_up", dtype), rows.length, width)
                    .tensor(parameter)
                    .number(uploads.put(rows))
                    .tensor(moments.first())
                    .tensor(moments.second())
                    .tensor(moments.lastStep())
                    .number(width)
                    .number(uploads.put(dtype, scalars))
                    .whole(after)
                    .whole(upTo)));
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
    int[] lastSteps = CudaMemory.integers(moments.lastStep()).clone();
    for (int row : rows) {
      require(
          lastSteps[row] == step - 1,
          "adamWRowsExact",
          "row %d was already updated at step %d, now comes step %d",
          row,
          lastSteps[row],
          step);
      lastSteps[row] = step;
    }
    updateRows(parameter, gradient, moments, AdamWScalars.of(rule, rates[step - 1], step));
    moments.lastStep().copyFrom(lastSteps);
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
    rowsOf("adamWRowsLazy", parameter, gradient);
    updateRows(parameter, gradient, moments, AdamWScalars.lazy(rule, rates[step - 1], step));
  }

  private void updateRows(
      Tensor parameter, RowSparse gradient, Moments moments, AdamWScalars scalars) {
    if (gradient.values().elements() > 0) {
      DType dtype = parameter.dtype();
      Launch launch =
          Launch.rows(Checks.typed("adam_w_rows", dtype), gradient.count(), gradient.width())
              .tensor(parameter)
              .tensor(gradient.rows())
              .tensor(gradient.values())
              .tensor(moments.first())
              .tensor(moments.second())
              .number(gradient.width());
      device.launch(scalars.addTo(launch, dtype));
    }
  }

  private static int[] allRows(int count) {
    int[] rows = new int[count];
    Arrays.setAll(rows, i -> i);
    return rows;
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

  private static int[] rowsOf(String operation, Tensor parameter, RowSparse gradient) {
    sameFloating(operation, parameter, gradient.values());
    rank(operation, "parameter", parameter, 2);
    shape(operation, "gradient", gradient.values(), gradient.count(), parameter.shape().dim(1));
    return Checks.rowNumbers(operation, gradient.rows(), parameter.shape().dim(0));
  }
}
