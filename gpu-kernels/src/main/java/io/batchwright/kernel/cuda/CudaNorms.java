package io.batchwright.kernel.cuda;

import static io.batchwright.kernel.Arguments.computedAs;
import static io.batchwright.kernel.Arguments.like;
import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.sameStored;
import static io.batchwright.kernel.Arguments.shape;

import io.batchwright.kernel.Addend;
import io.batchwright.kernel.NormKernels;
import io.batchwright.tensor.Tensor;
import java.util.List;

/** Layer norm by {@code norms.cu}. */
final class CudaNorms implements NormKernels {
  private static final int COLUMN_THREADS = 128;
  private static final int MOST_ADDENDS = 3;

  private final CudaDevice device;

  CudaNorms(CudaDevice device) {
    this.device = device;
  }

  @Override
  public void layerNorm(
      Tensor in, Tensor gain, Tensor bias, double epsilon, Tensor statistics, Tensor out) {
    sameStored("layerNorm", in, out);
    computedAs("layerNorm", in, gain, bias, statistics);
    int width = check("layerNorm", in, gain, statistics);
    shape("layerNorm", "bias", bias, width);
    like("layerNorm", "out", out, in);
    if (in.elements() > 0) {
      device.launch(
          Launch.rows(Checks.typed("layer_norm", in.dtype()), in.shape().dim(0), width)
              .tensor(in)
              .tensor(gain)
              .tensor(bias)
              .real(epsilon)
              .tensor(statistics)
              .tensor(out)
              .number(width));
    }
  }

  @Override
  public void addLayerNorm(
      List<Addend> addends,
      Tensor gain,
      Tensor bias,
      double epsilon,
      Tensor sum,
      Tensor statistics,
      Tensor out) {
    int width = out.shape().columns();
    Launch launch =
        Launch.rows(Checks.typed("add_layer_norm", out.dtype()), out.shape().dim(0), width);
    for (int i = 0; i < MOST_ADDENDS; i++) {
      if (i < addends.size()) {
        term(addends.get(i), launch);
      } else {
        launch.number(0).number(0).number(0);
      }
    }
    device.launch(
        launch
            .tensor(gain)
            .tensor(bias)
            .real(epsilon)
            .tensor(sum)
            .tensor(statistics)
            .tensor(out)
            .number(width));
  }

  private static void term(Addend addend, Launch launch) {
    Tensor values = addend.values();
    launch.tensor(values).number(addend.isRepeated() ? 0 : values.shape().dim(1));
    if (addend.rows() == null) {
      launch.number(0);
    } else {
      Checks.rowNumbers("addLayerNorm", addend.rows(), values.shape().dim(0));
      launch.tensor(addend.rows());
    }
  }

  @Override
  public void layerNormBackward(
      Tensor in,
      Tensor gain,
      Tensor statistics,
      Tensor dOut,
      Tensor dIn,
      Tensor dGain,
      Tensor dBias) {
    String operation = "layerNormBackward";
    sameStored(operation, in, dOut, dIn);
    computedAs(operation, in, gain, statistics, dGain, dBias);
    int width = check(operation, in, gain, statistics);
    like(operation, "dOut", dOut, in);
    like(operation, "dIn", dIn, in);
    shape(operation, "dGain", dGain, width);
    shape(operation, "dBias", dBias, width);
    if (width == 0) {
      return;
    }
    gains(in, statistics, dOut, dGain, dBias); // before dIn, which may be dOut
    if (in.elements() > 0) {
      device.launch(
          Launch.rows(Checks.typed("layer_norm_backward", in.dtype()), in.shape().dim(0), width)
              .tensor(in)
              .tensor(gain)
              .tensor(statistics)
              .tensor(dOut)
              .tensor(dIn)
              .number(width));
    }
  }

  private void gains(Tensor in, Tensor statistics, Tensor dOut, Tensor dGain, Tensor dBias) {
    int rows = in.shape().dim(0);
    int width = in.shape().columns();
    CudaReductions.Columns columns = new CudaReductions.Columns(device, rows);
    long half = Uploads.room(8 * columns.pieces() * width);
    device.withWorkspace(
        2 * half,
        partial -> {
          device.launch(
              Launch.of(
                      Checks.typed("layer_norm_gains", in.dtype()),
                      Launch.blocks(width, COLUMN_THREADS),
                      columns.pieces(),
                      COLUMN_THREADS,
                      0)
                  .tensor(in)
                  .tensor(statistics)
                  .tensor(dOut)
                  .number(partial)
                  .number(partial + half)
                  .number(rows)
                  .number(width)
                  .number(columns.rows()));
          device.launch(
              Launch.elements(Checks.typed("join_gains", dGain.dtype()), 2L * width)
                  .number(partial)
                  .number(partial + half)
                  .tensor(dGain)
                  .tensor(dBias)
                  .number(width)
                  .number(columns.pieces()));
        });
  }

  private static int check(String operation, Tensor in, Tensor gain, Tensor statistics) {
    rank(operation, "in", in, 2);
    int width = in.shape().columns();
    shape(operation, "gain", gain, width);
    shape(operation, "statistics", statistics, in.shape().dim(0), 2);
    return width;
  }
}
