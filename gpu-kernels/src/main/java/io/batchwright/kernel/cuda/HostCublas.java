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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
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
  private static final int REAL_16BF = 14;
  private static final int COMPUTE_32F = 68;
  private static final int COMPUTE_64F = 70;
  private static final int COMPUTE_32F_FAST_16BF = 75;
  private static final int DEFAULT_ALGORITHM = -1;
  private static final int DISALLOW_REDUCED_PRECISION_REDUCTION = 16; // sums stay in float32

  // A handle holds memory of the device, and devices stay open: so do these.
  private static final Map<Choice, HostCublas> OPEN = new ConcurrentHashMap<>();

  private final CudaDevice device;
  private final Precision precision;
  private final boolean roundsItself;
  private final Pointer handle;
  private final Function gemm;
  private final int version;
  private final String name;
  private final Memory factors = new Memory(16); // of the device's thread

  private HostCublas(Choice choice, NativeLibrary library, Pointer handle) {
    this.device = choice.device();
    this.precision = choice.precision();
    this.roundsItself = choice.roundsItself();
    this.handle = handle;
    this.gemm = library.getFunction("cublasGemmEx");
    IntByReference found = new IntByReference();
    call(library, "cublasGetVersion_v2", handle, found);
    version = found.getValue();
    name =
        "cublas %d.%d, %s%s"
            .formatted(
                version / 10_000, version % 10_000 / 100, precision, roundsItself ? " inside" : "");
  }

  /** What there is one handle of. */
  private record Choice(
      CudaDevice device, String library, Precision precision, boolean roundsItself) {

    HostCublas open() {
      NativeLibrary cublas = NativeLibrary.getInstance(library);
      PointerByReference created = new PointerByReference();
      call(cublas, "cublasCreate_v2", created);
      Pointer handle = created.getValue();
      try {
        call(cublas, "cublasSetMathMode", handle, DISALLOW_REDUCED_PRECISION_REDUCTION);
        return new HostCublas(this, cublas, handle);
      } catch (LinkageError | CudaFailure e) {
        call(cublas, "cublasDestroy_v2", handle);
        throw e;
      }
    }
  }

  /** The host's library, if it has one that works; factors are rounded before it gets them. */
  static Optional<HostCublas> find(CudaDevice device, Precision precision) {
    return find(device, precision, false);
  }

  /**
   * The host's library, if it has one that works.
   *
   * @param roundsItself whether it gets F32 and rounds on its way, which reads less memory and
   *     keeps it from its fastest kernels
   */
  static Optional<HostCublas> find(CudaDevice device, Precision precision, boolean roundsItself) {
    String asked = System.getProperty(PROPERTY, "");
    if (asked.equals("none")) {
      return Optional.empty();
    }
    for (String candidate : asked.isEmpty() ? NAMES : List.of(asked)) {
      try {
        return Optional.of(
            OPEN.computeIfAbsent(
                new Choice(device, candidate, precision, roundsItself),
                choice -> device.ask(choice::open)));
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
  public String choices() {
    return ProductProvider.CUBLAS.toString();
  }

  /** As in 120401 for 12.4.1. */
  int version() {
    return version;
  }

  @Override
  public void multiply(Product product) {
    multiplyFactors(product);
    if (!product.epilogue().isNone() && product.dtype() != DType.BF16) {
      device.launch(product.join(product.c(), 1)); // in place
    }
  }

  private void multiplyFactors(Product product) {
    boolean rounds = product.isRounded(precision);
    boolean floats = product.dtype() == DType.F32 && !product.aRounded() && !product.bRounded();
    if (rounds && !(roundsItself && floats)) {
      // With an epilogue a result of bf16 must be rounded after it, once: cuBLAS leaves float32.
      boolean joins = product.dtype() == DType.BF16 && !product.epilogue().isNone();
      RoundedFactors.with(
          device,
          product,
          joins ? Float.BYTES * product.elements() : 0,
          factors -> {
            Product asked = joins ? product.inFloat32(factors.rest()) : product;
            Operand a = new Operand(factors.a(), (int) factors.aPitch());
            Operand b = new Operand(factors.b(), (int) factors.bPitch());
            device.post(() -> gemm(asked, a, b, REAL_16BF, COMPUTE_32F));
            if (joins) {
              device.launch(product.join(factors.rest(), 1));
            }
          });
      return;
    }
    int m = product.m();
    int n = product.n();
    int k = product.k();
    Operand a = new Operand(product.a(), product.transposeA() ? m : k);
    Operand b = new Operand(product.b(), product.transposeB() ? k : n);
    boolean single = product.dtype() == DType.F32;
    int type = single ? REAL_32F : REAL_64F;
    int compute = !single ? COMPUTE_64F : rounds ? COMPUTE_32F_FAST_16BF : COMPUTE_32F;
    device.post(() -> gemm(product, a, b, type, compute));
  }

  /**
   * A factor as it lies.
   *
   * @param pitch elements from one row to the next
   */
  private record Operand(long address, int pitch) {}

  private void gemm(Product product, Operand a, Operand b, int type, int compute) {
    boolean single = product.dtype() != DType.F64;
    if (single) {
      factors.setFloat(0, (float) product.alpha());
      factors.setFloat(8, (float) product.beta());
    } else {
      factors.setDouble(0, product.alpha());
      factors.setDouble(8, product.beta());
    }
    int outType = product.dtype() == DType.BF16 ? REAL_16BF : single ? REAL_32F : REAL_64F;
    check(
        "cublasGemmEx of " + product,
        gemm.invokeInt(
            new Object[] {
              handle,
              product.transposeB() ? 1 : 0,
              product.transposeA() ? 1 : 0,
              product.n(),
              product.m(),
              product.k(),
              factors,
              new Pointer(b.address()),
              type,
              Math.max(1, b.pitch()),
              new Pointer(a.address()),
              type,
              Math.max(1, a.pitch()),
              factors.share(8),
              new Pointer(product.c()),
              outType,
              product.n(),
              compute,
              DEFAULT_ALGORITHM
            }));
  }

  private static void call(NativeLibrary library, String function, Object... arguments) {
    check(function, library.getFunction(function).invokeInt(arguments));
  }

  private static void check(String call, int status) {
    if (status != 0) {
      throw new CudaFailure(call + " failed with status " + status);
    }
  }
}
