package io.batchwright.kernel.check;

import java.util.ArrayList;
import java.util.List;

/** Every case: off the tiles' grid, empty, masked, in both types. */
public final class KernelCases {

  private KernelCases() {}

  /**
   * All groups.
   *
   * @param extent how large the larger shapes are
   */
  public static List<KernelCase> all(Extent extent) {
    List<KernelCase> cases = new ArrayList<>();
    cases.addAll(ElementCases.all(extent));
    cases.addAll(ReductionCases.all(extent));
    cases.addAll(MatrixCases.all(extent));
    cases.addAll(RowCases.all(extent));
    cases.addAll(SequenceCases.all(extent));
    cases.addAll(SearchCases.all(extent));
    cases.addAll(UpdateCases.all(extent));
    return cases;
  }

  /** What another provider of products changes, for one that takes factors as they are. */
  public static List<KernelCase> products(Extent extent) {
    return MatrixCases.products(extent);
  }

  /** What another precision changes: factors rounded to bf16, and tensors of bf16. */
  public static List<KernelCase> rounded(Extent extent) {
    List<KernelCase> cases = new ArrayList<>(MatrixCases.roundedProducts(extent));
    cases.addAll(SequenceCases.rounded(extent));
    cases.addAll(StoredCases.all(extent));
    return cases;
  }

  /** How large the larger shapes are. */
  public enum Extent {
    /** For a device that is emulated. */
    SMALL,
    /** For a device. */
    FULL;

    int of(int small, int full) {
      return this == SMALL ? small : full;
    }
  }
}
