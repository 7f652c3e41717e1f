package io.batchwright.jobs.bench.engine;

import io.batchwright.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * The calls by which the library that the engine multiplies with does {@code y = x w'} itself, on
 * one thread, with nothing of ours around them. All write the same y.
 */
final class BareProducts implements AutoCloseable {
  private static final String ONEDNN_SGEMM = "oneDNN's sgemm";
  private static final String ONEDNN_MATMUL = "oneDNN's matmul";
  private static final String OPENBLAS = "OpenBLAS";

  private final Operands operands;
  private final Map<String, Runnable> calls = new LinkedHashMap<>();
  private final BareOneDnn oneDnn;

  /**
   * Factors and product, row by row, where they lie.
   *
   * @param x [m, k]
   * @param w [n, k]
   * @param y [m, n]
   */
  record Operands(int m, int n, int k, FloatPointer x, FloatPointer w, FloatPointer y)
      implements AutoCloseable {
    static Operands of(Tensor x, Tensor w, Tensor y) {
      return new Operands(
          y.shape().dim(0), y.shape().dim(1), x.shape().dim(1), pointer(x), pointer(w), pointer(y));
    }

    private static FloatPointer pointer(Tensor tensor) {
      ByteBuffer bytes = tensor.view(0, Math.toIntExact(tensor.bytes())).orElseThrow();
      return new FloatPointer(bytes.asFloatBuffer());
    }

    @Override
    public void close() {
      x.close();
      w.close();
      y.close();
    }
  }

  /**
   * Makes the calls ready, on the memory that the engine multiplies in.
   *
   * @param provider of the engine's products
   * @param x [m, k]
   * @param w [n, k]
   * @param y [m, n]
   */
  BareProducts(String provider, Tensor x, Tensor w, Tensor y) {
    operands = Operands.of(x, w, y);
    List<String> names = names(provider);
    oneDnn = names.contains(ONEDNN_SGEMM) ? new BareOneDnn(operands) : null;
    if (names.contains(OPENBLAS)) {
      openblas_nolapack.blas_set_num_threads(1);
      calls.put(OPENBLAS, this::openBlas);
    }
    if (oneDnn != null) {
      calls.put(ONEDNN_SGEMM, oneDnn.sgemm());
      calls.put(ONEDNN_MATMUL, oneDnn.matmul());
    }
  }

  /** The calls of a provider's library; none where it multiplies in Java. */
  static List<String> names(String provider) {
    if (provider.startsWith("onednn")) { // which names OpenBLAS, too: for products that it leaves
      return List.of(ONEDNN_SGEMM, ONEDNN_MATMUL);
    }
    return provider.startsWith("openblas") ? List.of(OPENBLAS) : List.of();
  }

  /** By their names, in the order of {@link #names}. */
  Map<String, Runnable> calls() {
    return calls;
  }

  private void openBlas() {
    openblas_nolapack.cblas_sgemm(
        openblas_nolapack.CblasRowMajor,
        openblas_nolapack.CblasNoTrans,
        openblas_nolapack.CblasTrans,
        operands.m(),
        operands.n(),
        operands.k(),
        1f,
        operands.x(),
        operands.k(),
        operands.w(),
        operands.k(),
        0f,
        operands.y(),
        operands.n());
  }

  @Override
  public void close() {
    if (oneDnn != null) {
      oneDnn.close();
    }
    operands.close();
  }
}
