package io.batchwright.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ShapeTest {

  @Test
  void readsAsItIsWritten() {
    assertThat(Shape.of(3, 4)).hasToString("[3, 4]").isEqualTo(new Shape(3, 4));
    assertThat(Shape.of()).hasToString("[]");
    assertThat(Shape.of(3, 4)).isNotEqualTo(Shape.of(4, 3));
  }

  @Test
  void countsElementsRowsAndColumns() {
    Shape shape = Shape.of(2, 3, 5);
    assertThat(shape.elements()).isEqualTo(30);
    assertThat(shape.rows()).isEqualTo(6);
    assertThat(shape.columns()).isEqualTo(5);
    assertThat(shape.dim(-1)).isEqualTo(5);
    assertThat(shape.with(-2, 7)).isEqualTo(Shape.of(2, 7, 5));
    assertThat(Shape.of().elements()).isOne();
    assertThat(Shape.of(1 << 16, 1 << 16).elements()).isEqualTo(1L << 32);
  }

  @Test
  void doesNotChangeWithTheArrayItWasMadeFrom() {
    int[] dims = {2, 3};
    Shape shape = new Shape(dims);
    dims[0] = 9;
    shape.dims()[1] = 9;
    assertThat(shape).isEqualTo(Shape.of(2, 3));
  }

  @Test
  void refusesNegativeExtentsAndDimsThatDoNotExist() {
    assertThatThrownBy(() -> Shape.of(2, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("every dim of a shape must be at least 0, got [2, -1]");
    assertThatThrownBy(() -> Shape.of(2, 3).dim(2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dim 2 does not exist in a tensor of shape [2, 3]");
  }
}
