package io.batchwright.train.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.technique.Paper;
import io.batchwright.technique.Techniques;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleContractTest {
  private static final long TOTAL = 10_000;

  static Stream<Schedule> members() {
    return Techniques.of(Schedule.class).stream()
        .map(member -> (Schedule) Techniques.defaults(member).orElseThrow());
  }

  @ParameterizedTest
  @MethodSource("members")
  void namesItsPaper(Schedule schedule) {
    assertThat(schedule.getClass().getAnnotation(Paper.class)).isNotNull();
  }

  @ParameterizedTest
  @MethodSource("members")
  void staysBetweenZeroAndItsPeakAndReachesThePeak(Schedule schedule) {
    double highest = 0;
    for (long step = 0; step <= TOTAL; step++) {
      double rate = schedule.rate(step, TOTAL);
      assertThat(rate).isFinite().isGreaterThanOrEqualTo(0);
      highest = Math.max(highest, rate);
    }
    assertThat(highest).isEqualTo(schedule.peakRate());
  }

  @ParameterizedTest
  @MethodSource("members")
  void isContinuous(Schedule schedule) {
    double largestJump = 0;
    for (long step = 1; step <= TOTAL; step++) {
      double jump = Math.abs(schedule.rate(step, TOTAL) - schedule.rate(step - 1, TOTAL));
      largestJump = Math.max(largestJump, jump);
    }
    assertThat(largestJump).isLessThan(0.02 * schedule.peakRate());
  }

  @ParameterizedTest
  @MethodSource("members")
  void movesOnTheFirstStepOfAnyRun(Schedule schedule) {
    for (long total : new long[] {1, 2, 3, 10, 1000}) {
      assertThat(schedule.rate(0, total)).isPositive();
    }
  }

  @ParameterizedTest
  @MethodSource("members")
  void survivesJavaSerialization(Schedule schedule) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(schedule);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject()).isEqualTo(schedule);
    }
  }
}
