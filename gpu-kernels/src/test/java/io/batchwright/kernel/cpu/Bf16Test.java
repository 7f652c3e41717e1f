package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import org.junit.jupiter.api.Test;

class Bf16Test {
  /** Bits: ties either way, the last number, infinity, NaN whose only bits would be lost. */
  private static final int[] SPECIAL = {
    0,
    1,
    0x8000,
    0x8001,
    0x18000,
    0x3F808000,
    0x3F818000,
    0x3F818001,
    0x7F7F7FFF,
    0x7F7F8000,
    0x7F800000,
    0x7F800001,
    0x7FFFFFFF,
    0xFF800000,
    0xFF800001,
    0x80000000,
    0xBF808000,
    0xBF818000
  };

  @Test
  void theNearestIsFoundAndTiesGoToEven() {
    for (int at = 0; at < 200_000; at++) {
      int bits = at < SPECIAL.length ? SPECIAL[at] : at * 0x9E3779B1;
      float value = Float.intBitsToFloat(bits);
      float rounded = Float.intBitsToFloat(Bf16.rounded(bits));
      assertThat(Bf16.rounded(bits) & 0xFFFF).isZero();
      if (Float.isNaN(value) || Float.isInfinite(value)) {
        assertThat(Float.compare(rounded, value)).isZero();
        continue;
      }
      float down = Float.intBitsToFloat(bits & 0xFFFF0000);
      double up = down + Math.copySign(ulp(bits), value);
      double toDown = Math.abs((double) value - down);
      double toUp = Math.abs(value - up);
      boolean isDown = toDown < toUp || toDown == toUp && (bits & 0x10000) == 0;
      // Infinite above the last number.
      assertThat(Float.compare(rounded, (float) (isDown ? down : up))).isZero();
    }
  }

  /** What the last kept bit is worth. */
  private static double ulp(int bits) {
    return Math.scalb(1.0, Math.max((bits >>> 23) & 0xFF, 1) - 127 - 7);
  }

  @Test
  void rowsOfAnyLengthAreRoundedAndNothingBehindThem() {
    Scratch scratch = new Scratch();
    try (Arena arena = new Arena("test", new CpuMemory(), Long.MAX_VALUE)) {
      for (int count : new int[] {0, 1, 17, 1024, 2051}) {
        Tensor in = arena.allocate("in", DType.F32, count + 1);
        Tensor half = arena.allocate("half", DType.BF16, count + 1);
        Tensor out = arena.allocate("out", DType.F32, count + 1);
        Tensor wide = arena.allocate("wide", DType.F32, count + 1);
        float[] values = new float[count + 1];
        for (int i = 0; i <= count; i++) {
          values[i] = Float.intBitsToFloat(0x3F800000 + i * 0x1234);
        }
        in.copyFrom(values);
        OffHeap.zero(CpuMemory.addressOf(half), half.bytes());
        out.copyFrom(new float[count + 1]);
        wide.copyFrom(new float[count + 1]);
        Bf16.round(CpuMemory.addressOf(in), CpuMemory.addressOf(out), count, scratch);
        Bf16.narrow(CpuMemory.addressOf(in), CpuMemory.addressOf(half), count, scratch);
        Bf16.widen(CpuMemory.addressOf(half), CpuMemory.addressOf(wide), count, scratch);
        for (int i = 0; i < count; i++) {
          values[i] = Float.intBitsToFloat(Bf16.rounded(Float.floatToRawIntBits(values[i])));
        }
        values[count] = 0;
        assertThat(out.toFloats()).containsExactly(values);
        assertThat(wide.toFloats()).containsExactly(values);
        assertThat(half.toFloats()).containsExactly(values);
      }
    }
  }
}
