package io.batchwright.data.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class LocalRosterTest {
  @Test
  void idsAreOrderedAsSparkOrdersText() {
    List<String> ids =
        List.of("", "a", "ab", "b", "\u00e9", "\u4e2d", "\uff5e", "\ud83d\ude00", "a\ud83d\ude00");
    for (String one : ids) {
      for (String two : ids) {
        int spark = UTF8String.fromString(one).compareTo(UTF8String.fromString(two));
        assertThat(Integer.signum(LocalRoster.byCodePoints(one, two)))
            .as(one + " and " + two)
            .isEqualTo(Integer.signum(spark));
      }
    }
  }
}
