package io.batchwright.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TensorTest {
  private final Backend backend = Backends.select("java");
  private final Arena arena = backend.arena("test");

  @AfterEach
  void close() {
    arena.close();
    backend.close();
  }

  @Test
  void viewsShareMemory() {
    Tensor matrix = arena.floats("m", new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
    matrix.rows(1, 3).reshape(4).copyFrom(new float[] {30, 40, 50, 60});
    assertThat(matrix.toFloats()).containsExactly(1, 2, 30, 40, 50, 60);
    assertThat(matrix.rows(1, 2).toFloats()).containsExactly(30, 40);
    assertThat(matrix.rows(3, 3).toFloats()).isEmpty();
    assertThat(matrix).hasToString("'m' F32 [3, 2]");
    assertThat(matrix.beside()).as("on a CPU").isSameAs(matrix);
  }

  @Test
  void convertsBetweenFloatingTypesOnTheHost() {
    Tensor f64 = arena.doubles("d", new double[] {0.1, -2});
    assertThat(f64.toFloats()).containsExactly(0.1f, -2f);
    Tensor f32 = arena.zeros("f", DType.F32, 2);
    f32.copyFrom(new double[] {0.1, -2});
    assertThat(f32.toDoubles()).containsExactly(0.1f, -2);
    Tensor bf16 = arena.zeros("b", DType.BF16, 2);
    backend.cast(f32, bf16);
    assertThat(bf16.toFloats()).containsExactly(0.10009765625f, -2f);
    Tensor single = arena.floats("s", new float[] {7});
    assertThat(single.scalar()).isEqualTo(7);
    DoubleSupplier later = single.scalarLater();
    single.copyFrom(new float[] {8});
    assertThat(later.getAsDouble()).as("as it was").isEqualTo(7);
  }

  @Test
  void rawBytesAreLittleEndianInHeapAndDirectBuffers() {
    Tensor ints = arena.ints("i", new int[] {0x01020304, -1});
    for (ByteBuffer buffer :
        new ByteBuffer[] {ByteBuffer.allocate(12), ByteBuffer.allocateDirect(12)}) {
      buffer.position(4);
      ints.copyTo(buffer);
      assertThat(buffer.remaining()).isZero();
      assertThat(buffer.order(ByteOrder.LITTLE_ENDIAN).getInt(4)).isEqualTo(0x01020304);
      buffer.putInt(8, 5).position(4);
      ints.copyFrom(buffer);
      assertThat(ints.toInts()).containsExactly(0x01020304, 5);
      ints.copyFrom(new int[] {0x01020304, -1});
    }
  }

  @Test
  void refusesWrongTypesSizesAndRows() {
    Tensor matrix = arena.zeros("m", DType.F32, 3, 2);
    assertThatThrownBy(matrix::toInts)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'m' F32 [3, 2] is not I32");
    assertThatThrownBy(() -> matrix.copyFrom(new float[5]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'m' F32 [3, 2] has 6 elements, the array has 5");
    assertThatThrownBy(() -> matrix.rows(2, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rows 2 to 4 do not exist in 'm' F32 [3, 2]");
    assertThatThrownBy(() -> matrix.reshape(7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cannot see 'm' F32 [3, 2] as [7]");
  }
}
