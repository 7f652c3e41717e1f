package io.batchwright.kernel.cpu;

import io.batchwright.tensor.DType;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * Matrix products by OpenBLAS on off-heap addresses, one thread a call. JavaCPP unpacks the library
 * under {@code org.bytedeco.javacpp.cachedir} ({@code ~/.javacpp/cache} by default, a temporary
 * folder if that cannot be written), behind a file lock, so that several JVMs may start together.
 */
final class OpenBlasProduct implements MatrixProduct {
  private static final int ROW_MAJOR = openblas_nolapack.CblasRowMajor;

  /** Attention multiplies thousands of times a step: no new objects for that. */
  private static final ThreadLocal<Pointers> POINTERS = ThreadLocal.withInitial(Pointers::new);

  private final String name;

  /**
   * Loads the library; a failure to do so is a {@link LinkageError} or a {@link RuntimeException}.
   */
  OpenBlasProduct() {
    openblas_nolapack.blas_set_num_threads(1);
    String version = openblas_nolapack.OPENBLAS_VERSION.replace("OpenBLAS", "").strip();
    // Overrides the choice by processor, and other kernels give other bits.
    String kernels = System.getenv("OPENBLAS_CORETYPE");
    this.name =
        "openblas "
            + version
            + (kernels == null || kernels.isEmpty() ? "" : " for " + kernels)
            + " on "
            + Processor.here().name();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void multiply(
      DType dtype, Size size, Factors factors, Operands operands, Scratch scratch) {
    int transA = size.transposeA() ? openblas_nolapack.CblasTrans : openblas_nolapack.CblasNoTrans;
    int transB = size.transposeB() ? openblas_nolapack.CblasTrans : openblas_nolapack.CblasNoTrans;
    Pointers to = POINTERS.get();
    if (dtype == DType.F32) {
      openblas_nolapack.cblas_sgemm(
          ROW_MAJOR,
          transA,
          transB,
          size.m(),
          size.n(),
          size.k(),
          (float) factors.alpha(),
          to.floatsA.at(operands.a()),
          operands.strideA(),
          to.floatsB.at(operands.b()),
          operands.strideB(),
          (float) factors.beta(),
          to.floatsC.at(operands.c()),
          operands.strideC());
    } else {
      openblas_nolapack.cblas_dgemm(
          ROW_MAJOR,
          transA,
          transB,
          size.m(),
          size.n(),
          size.k(),
          factors.alpha(),
          to.doublesA.at(operands.a()),
          operands.strideA(),
          to.doublesB.at(operands.b()),
          operands.strideB(),
          factors.beta(),
          to.doublesC.at(operands.c()),
          operands.strideC());
    }
  }

  /** What a call points with. */
  private static final class Pointers {
    private final Floats floatsA = new Floats();
    private final Floats floatsB = new Floats();
    private final Floats floatsC = new Floats();
    private final Doubles doublesA = new Doubles();
    private final Doubles doublesB = new Doubles();
    private final Doubles doublesC = new Doubles();
  }

  /** A pointer to memory that is not its own. */
  private static final class Floats extends FloatPointer {
    Floats() {
      super((Pointer) null);
    }

    Floats at(long other) {
      this.address = other;
      return this;
    }
  }

  /** A pointer to memory that is not its own. */
  private static final class Doubles extends DoublePointer {
    Doubles() {
      super((Pointer) null);
    }

    Doubles at(long other) {
      this.address = other;
      return this;
    }
  }
}
