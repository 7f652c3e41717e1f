package io.batchwright.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.technique.Paper;
import io.batchwright.technique.Techniques;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GradientTransformContractTest {
  static Stream<GradientTransform> members() {
    return Techniques.of(GradientTransform.class).stream()
        .map(member -> (GradientTransform) Techniques.defaults(member).orElseThrow());
  }

  @ParameterizedTest
  @MethodSource("members")
  void namesItsPaperAndSurvivesJavaSerialization(GradientTransform transform) throws Exception {
    assertThat(transform.getClass().getAnnotation(Paper.class)).isNotNull();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(transform);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject()).isEqualTo(transform);
    }
  }

  @ParameterizedTest
  @MethodSource("members")
  void changesUpdatesOnlyAndNeverTheParameters(GradientTransform transform) {
    try (OptimizerRun run = new OptimizerRun(DType.F64, Sgd.PAPER)) {
      List<Double> before = run.values();
      TransformInstance instance =
          transform.build(List.of(run.table, run.vector), run.backend, run.arena);
      Tensor ofTable = run.arena.zeros("update", DType.F64, run.table.storage().shape());
      Tensor ofVector = run.arena.zeros("update", DType.F64, run.vector.storage().shape());
      run.backend.fill(ofTable, 3);
      run.backend.fill(ofVector, 4);
      instance.apply(List.of(ofTable, ofVector), 1);
      assertThat(run.values()).isEqualTo(before);
      assertThat(ofTable.toDoubles()).doesNotContain(3).doesNotContain(Double.NaN);
    }
  }
}
