package io.batchwright.train.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
  @Test
  void elementsComeInOrderAndOnce() {
    List<Integer> read = new ArrayList<>();
    try (ReadAhead<Integer> ahead = new ReadAhead<>(List.of(1, 2, 3).iterator())) {
      ahead.forEachRemaining(read::add);
      assertThat(ahead.hasNext()).isFalse();
    }
    assertThat(read).containsExactly(1, 2, 3);
  }

  @Test
  void aFailureOfTheSourceReachesTheReader() {
    Iterator<Integer> broken =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public Integer next() {
            throw new IllegalArgumentException("truncated");
          }
        };
    try (ReadAhead<Integer> ahead = new ReadAhead<>(broken)) {
      assertThatThrownBy(ahead::next)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("truncated");
    }
  }
}
