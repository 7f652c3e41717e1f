package io.batchwright.train.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.train.collective.HeapMemory;
import io.batchwright.train.graph.Parameter;
import java.util.List;
import org.junit.jupiter.api.Test;

class BucketsTest {
  @Test
  void bucketsAreCutFromTheFrontAndComeFromTheBack() {
    try (Arena arena = HeapMemory.arena()) {
      Parameter a = new Parameter("a", arena.zeros("a", DType.F32, 5));
      Parameter none = new Parameter("none", arena.zeros("none", DType.F32, 0));
      Parameter b = new Parameter("b", arena.zeros("b", DType.F32, 2, 3));
      Parameter c = new Parameter("c", arena.zeros("c", DType.F64, 3));
      assertThat(Buckets.of(List.of(a, none, b, c), 16))
          .containsExactly(
              List.of(new Buckets.Slice(c, 2, 3)),
              List.of(new Buckets.Slice(c, 0, 2)),
              List.of(new Buckets.Slice(b, 3, 6)),
              List.of(new Buckets.Slice(a, 4, 5), new Buckets.Slice(b, 0, 3)),
              List.of(new Buckets.Slice(a, 0, 4)));
      assertThat(Buckets.of(List.of(), 16)).isEmpty();
    }
  }
}
