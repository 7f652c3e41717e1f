package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Precision;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.ArenaLedger;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the contract tests of all groups share: a backend, and an arena that must end empty. */
abstract class KernelTest {
  static final DType[] TYPES = {DType.F32, DType.F64};
  static final int[] AWKWARD = {1, 31, 32, 33, 1025};

  Backend backend;
  Arena arena;
  private long reserved;

  /** The Java provider; a subclass of each contract test runs the same with OpenBLAS. */
  String provider() {
    return "java";
  }

  /** The CPU with the provider, unless a subclass has another device. */
  Backend openBackend() {
    return CpuBackend.of(provider(), Precision.FLOAT32);
  }

  @BeforeEach
  void open() {
    reserved = ArenaLedger.reservedBytes();
    backend = openBackend();
    arena = backend.arena("test");
  }

  @AfterEach
  void close() {
    arena.close();
    backend.close();
    assertThat(ArenaLedger.reservedBytes()).isEqualTo(reserved);
  }

  Tensor normal(String label, DType dtype, int... dims) {
    Tensor tensor = arena.allocate(label, dtype, dims);
    tensor.copyFrom(Values.normal(label, (int) tensor.elements()));
    return tensor;
  }

  /** An output full of NaN, so that whatever a kernel does not write is seen. */
  Tensor output(DType dtype, int... dims) {
    Tensor tensor = arena.allocate("out", dtype, dims);
    backend.fill(tensor, Double.NaN);
    return tensor;
  }
}
