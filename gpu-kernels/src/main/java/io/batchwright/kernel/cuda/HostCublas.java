package io.batchwright.kernel.cuda;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import io.batchwright.kernel.Precision;
import io.batchwright.tensor.DType;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Matrix products by the cuBLAS of the host, 13 or 12, through JNA: JCuda's own binding knows 12
 * only. {@code -Dbatchwright.cuda.cublas=none} leaves it alone, a path names the library.
 *
 * <p>cuBLAS is column-major. Read that way a row-major [M, N] is its transpose, so the product is
 * asked for as {@code c' = op(b)' op(a)'}: operands swapped, each flag as it is.
 */
final class HostCublas implements Products {
  static final String PROPERTY = "batchwright.cuda.cublas";
  private static final Logger LOG = LoggerFactory.getLogger(HostCublas.class);
  private static final List<String> NAMES = List.of("libcublas.so.13", "libcublas.so.12");
  private static final int REAL_32F = 0;
  private static final int REAL_64F = 1;
  private static final int COMPUTE_32F = 68;
  private static final int COMPUTE_64F = 70;
  private static final int COMPUTE_32F_FAST_16BF = 75;
  private static final int DEFAULT_ALGORITHM = -1;

  private final CudaDevice device;
  private final Precision precision;
  private final Pointer handle;
  private final Function gemm;
  private final String name;
  private final Memory factors = new Memory(16); // of the device's thread

  private HostCublas(CudaDevice device, NativeLibrary library, Precision precision) {
    this.device = device;
    this.precision = precision;
    this.gemm = library.getFunction("cublasGemmEx");
    PointerByReference created = new PointerByReference();
    check("cublasCreate", library.getFunction("cublasCreate_v2").invokeInt(new Object[] {created}));
    handle = created.getValue();
    IntByReference version = new IntByReference();
    check(
        "cublasGetVersion",
        library.getFunction("cublasGetVersion_v2").invokeInt(new Object[] {handle, version}));
    name =
        "cublas %d.%d, %s"
            .formatted(version.getValue() / 10_000, version.getValue() % 10_000 / 100, precision);
  }

  /** The host's library, if it has one that works. */
  static Optional<HostCublas> find(CudaDevice device, Precision precision) {
    String asked = System.getProperty(PROPERTY, "");
    if (asked.equals("none")) {
      return Optional.empty();
    }
    for (String candidate : asked.isEmpty() ? NAMES : List.of(asked)) {
      try {
        return Optional.of(
            device.ask(
                () -> new HostCublas(device, NativeLibrary.getInstance(candidate), precision)));
      } catch (LinkageError | CudaFailure e) {
        if (!asked.isEmpty()) {
          throw new CudaFailure(PROPERTY + "=" + asked + " does not work: " + e.getMessage(), e);
        }
        LOG.debug("{} is not used: {}", candidate, e.getMessage());
      }
    }
    LOG.info("Matrix products on the GPU: our own, no cuBLAS was found");
    return Optional.empty();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public void multiply(Product product) {
    device.post(() -> gemm(product));
  }

  private void gemm(Product product) {
    boolean single = product.dtype() == DType.F32;
    if (single) {
      factors.setFloat(0, (float) product.alpha());
      factors.setFloat(8, (float) product.beta());
    } else {
      factors.setDouble(0, product.alpha());
      factors.setDouble(8, product.beta());
    }
    int type = single ? REAL_32F : REAL_64F;
    int compute =
        !single ? COMPUTE_64F : precision == Precision.BF16 ? COMPUTE_32F_FAST_16BF : COMPUTE_32F;
    int m = product.m();
    int n = product.n();
    int k = product.k();
    check(
        "cublasGemmEx of " + product,
        gemm.invokeInt(
            new Object[] {
              handle,
              product.transposeB() ? 1 : 0,
              product.transposeA() ? 1 : 0,
              n,
              m,
              k,
              factors,
              new Pointer(product.b()),
              type,
              Math.max(1, product.transposeB() ? k : n),
              new Pointer(product.a()),
              type,
              Math.max(1, product.transposeA() ? m : k),
              factors.share(8),
              new Pointer(product.c()),
              type,
              n,
              compute,
              DEFAULT_ALGORITHM
            }));
  }

  private static void check(String call, int status) {
    if (status != 0) {
      throw new CudaFailure(call + " failed with status " + status);
    }
  }
}
