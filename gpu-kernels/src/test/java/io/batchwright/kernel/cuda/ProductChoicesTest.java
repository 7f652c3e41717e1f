package io.batchwright.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.kernel.Precision;
import io.batchwright.kernel.cuda.ProductChoices.Grid;
import io.batchwright.kernel.cuda.ProductChoices.Layout;
import io.batchwright.kernel.cuda.ProductChoices.Place;
import io.batchwright.kernel.cuda.ProductChoices.Times;
import io.batchwright.tensor.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProductChoicesTest {
  private static final Grid GRID = new Grid(List.of(100, 400), 2);

  @Test
  void extentsGoToTheNearestByRatio() {
    assertThat(IntStream.of(1, 200, 201, 9999).mapToObj(n -> place(1, n, 1, false, false).n()))
        .containsExactly(100, 100, 400, 400);
    Place largest = Grid.USUAL.placeOf(product(DType.F32, 1 << 30, 1 << 30, 1 << 30, true, true));
    assertThat(largest).isEqualTo(new Place(DType.F32, Layout.TN, 2048, 2048, 8192));
  }

  @Test
  void aPlaceIsLeftOutWhereAllExtentsAreLarge() {
    assertThat(GRID.places(Precision.FLOAT32)).hasSize(3 * 7).doesNotHaveDuplicates();
    assertThat(GRID.places(Precision.BF16)).hasSize(2 * 3 * 7);
    assertThat(Grid.USUAL.places(Precision.FLOAT32)).hasSize(3 * 60);
    for (int m : new int[] {1, 300, 5000}) {
      for (int n : new int[] {7, 1024, 9000}) {
        for (int k : new int[] {0, 768, 70_000}) {
          Place place = Grid.USUAL.placeOf(product(DType.BF16, m, n, k, false, true));
          assertThat(Grid.USUAL.places(Precision.BF16)).contains(place);
        }
      }
    }
  }

  /** Times differ from one measurement to the next; what is chosen is what makes the bits. */
  @Test
  void theIdStandsForTheChoicesAndNotForTheTimes() {
    ProductChoices one = choices(new Times(1, 2), new Times(2, 1));
    assertThat(choices(new Times(1.1, 2.2), new Times(3, 0.5)).id()).isEqualTo(one.id());
    assertThat(choices(new Times(2, 1), new Times(2, 1)).id()).isNotEqualTo(one.id());
    assertThat(one.owns()).isEqualTo(20);
    assertThat(one.isOwn(product(DType.F32, 1, 1, 1, false, false))).isFalse();
    assertThat(one.isOwn(product(DType.F32, 1, 1, 1, false, true))).isTrue();
    assertThat(one.isOwn(product(DType.F64, 1, 1, 1, false, true))).as("never measured").isFalse();
  }

  @Test
  void ourOwnAreTakenUnlessCublasIsClearlyFaster() {
    assertThat(new Times(1, 0.98).isOwn()).isTrue();
    assertThat(new Times(1, 0.96).isOwn()).isFalse();
  }

  @Test
  void theTextReadsBackAndABrokenOneSaysWhereItIsBroken() {
    ProductChoices written = choices(new Times(0.1 + 0.2, 1e-3), new Times(1.0 / 3, 7));
    ProductChoices read = ProductChoices.parse(written.text());
    assertThat(read.text()).isEqualTo(written.text());
    assertThat(read.id()).isEqualTo(written.id());
    assertThat(read.madeFor()).isEqualTo("a test");
    for (String broken :
        List.of(
            "",
            "other format\na test\n2 100 400\n",
            written.text().replace("own", "cublas"),
            written.text().replace("F32 nt", "F33 nt"),
            written.text().replace(" 0.001", ""),
            written.text().replace("2 100 400", "2"))) {
      assertThatThrownBy(() -> ProductChoices.parse(broken))
          .isInstanceOf(IllegalArgumentException.class)
          .message()
          .isNotBlank();
    }
  }

  /** The first place is multiplied in {@code first}, all others in {@code rest}. */
  private static ProductChoices choices(Times rest, Times first) {
    Map<Place, Times> times = new LinkedHashMap<>();
    for (Place place : GRID.places(Precision.FLOAT32)) {
      times.put(place, times.isEmpty() ? first : rest);
    }
    return new ProductChoices("a test", GRID, times);
  }

  private static Place place(int m, int n, int k, boolean ta, boolean tb) {
    return GRID.placeOf(product(DType.F32, m, n, k, ta, tb));
  }

  private static Products.Product product(
      DType result, int m, int n, int k, boolean ta, boolean tb) {
    return new Products.Product(
        result, m, n, k, ta, tb, 1, 0, false, false, 0, 0, 0, Products.Epilogue.NONE);
  }
}
