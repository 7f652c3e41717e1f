package io.batchwright.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.technique.Paper;
import io.batchwright.technique.Techniques;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Gradient;
import io.batchwright.train.graph.Parameter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerContractTest {
  static Stream<Optimizer> members() {
    return Techniques.of(Optimizer.class).stream()
        .map(member -> (Optimizer) Techniques.defaults(member).orElseThrow());
  }

  @ParameterizedTest
  @MethodSource("members")
  void namesItsPaperAndSurvivesJavaSerialization(Optimizer recipe) throws Exception {
    assertThat(recipe.getClass().getAnnotation(Paper.class)).isNotNull();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(recipe);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject()).isEqualTo(recipe);
    }
  }

  @ParameterizedTest
  @MethodSource("members")
  void convergesOnAQuadratic(Optimizer recipe) {
    try (OptimizerRun run = new OptimizerRun(DType.F64, recipe)) {
      for (int step = 0; step < 400; step++) {
        double rate = peakRate(recipe) * (400 - step) / 400;
        towardsTarget(run, run.table);
        towardsTarget(run, run.vector);
        run.optimizer.step(rate);
      }
      assertThat(run.values()).allSatisfy(value -> assertThat(value).isBetween(1.4, 1.6));
    }
  }

  /** LARS moves a layer by a thousandth of its length at a rate of 1; Adagrad slows down. */
  private static double peakRate(Optimizer recipe) {
    if (recipe instanceof Lars) {
      return 5;
    }
    return recipe instanceof Adagrad ? 0.5 : 0.05;
  }

  /** The gradient of half the squared distance to 1.5. */
  private static void towardsTarget(OptimizerRun run, Parameter parameter) {
    Tensor value = parameter.value();
    Shape shape = value.shape();
    Tensor gradient = run.arena.allocate("gradient", value.dtype(), shape);
    run.backend.shift(value, -1.5, gradient);
    parameter.gradient(Gradient.dense(gradient));
  }

  @ParameterizedTest
  @MethodSource("members")
  void clearsTheGradientsItHasUsed(Optimizer recipe) {
    try (OptimizerRun run = new OptimizerRun(DType.F32, recipe)) {
      run.sparseStep(0);
      assertThat(run.table.gradient()).isEmpty();
      assertThat(run.vector.gradient()).isEmpty();
      assertThat(run.optimizer.steps()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @MethodSource("members")
  void stateSurvivesACheckpointBitwise(Optimizer recipe) {
    Map<String, byte[]> checkpoint;
    Map<String, byte[]> expected;
    try (OptimizerRun uninterrupted = new OptimizerRun(DType.F32, recipe)) {
      for (long step = 0; step < 30; step++) {
        uninterrupted.sparseStep(step);
      }
      expected = uninterrupted.bytes();
    }
    try (OptimizerRun first = new OptimizerRun(DType.F32, recipe)) {
      for (long step = 0; step < 13; step++) {
        first.sparseStep(step);
      }
      checkpoint = first.bytes();
    }
    try (OptimizerRun resumed = new OptimizerRun(DType.F32, recipe)) {
      resumed.load(checkpoint, 13);
      for (long step = 13; step < 30; step++) {
        resumed.sparseStep(step);
      }
      assertThat(resumed.optimizer.steps()).isEqualTo(30);
      sameBytes(resumed.bytes(), expected);
    }
  }

  @ParameterizedTest
  @MethodSource("members")
  void catchingUpNeverChangesLaterResults(Optimizer recipe) {
    try (OptimizerRun plain = new OptimizerRun(DType.F32, recipe);
        OptimizerRun interrupted = new OptimizerRun(DType.F32, recipe)) {
      for (long step = 0; step < 40; step++) {
        plain.sparseStep(step);
        interrupted.sparseStep(step);
        if (step % 7 == 2) {
          interrupted.optimizer.catchUp();
        }
        if (step % 5 == 0) {
          interrupted.table.valueForRows(interrupted.arena.ints("rows", new int[] {6, 1, 6}, 3));
        }
      }
      sameBytes(interrupted.bytes(), plain.bytes());
    }
  }

  @ParameterizedTest
  @MethodSource("members")
  void leavesFrozenParametersAlone(Optimizer recipe) {
    try (OptimizerRun run = new OptimizerRun(DType.F32, recipe)) {
      Tensor value = run.arena.floats("frozen", new float[] {1, 2}, 2);
      Parameter frozen = new Parameter("frozen", value, true, true);
      OptimizerInstance instance = recipe.build(List.of(frozen), run.backend, run.arena);
      instance.step(0.5);
      assertThat(frozen.value().toFloats()).containsExactly(1, 2);
      assertThat(instance.state()).isEmpty();
    }
  }

  private static void sameBytes(Map<String, byte[]> found, Map<String, byte[]> expected) {
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    expected.forEach((name, bytes) -> assertThat(found.get(name)).as(name).isEqualTo(bytes));
  }
}
