package io.batchwright.kernel.check;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Rows of a table by number, and their gradients. */
final class RowCases {
  private static final int[] BAGS = {0, 0, 1, 40, 40, 43, 500, 500};

  private RowCases() {}

  static List<KernelCase> all(KernelCases.Extent extent) {
    List<KernelCase> cases = new ArrayList<>();
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (int width : new int[] {1, 7, 129, extent.of(200, 768)}) {
        for (int tableRows : new int[] {3, extent.of(500, 30_522)}) {
          cases.add(
              new KernelCase(
                  "rows",
                  "%s table [%d, %d]".formatted(dtype, tableRows, width),
                  2e-5,
                  run -> rows(run, dtype, tableRows, width)));
        }
      }
    }
    return cases;
  }

  private static void rows(CaseRun run, DType dtype, int tableRows, int width) {
    Backend b = run.backend();
    Tensor table = run.normal("table", dtype, tableRows, width);
    Tensor tokens = run.below("tokens", BAGS[BAGS.length - 1], tableRows);
    Tensor offsets = run.arena().ints("offsets", BAGS);
    int bags = BAGS.length - 1;
    b.embeddingBagMean(table, tokens, offsets, run.output("means", dtype, bags, width));
    Tensor dOut = run.normal("dOut", dtype, bags, width);
    RowSparse gradient = b.embeddingBagMeanBackward(dOut, tokens, offsets, tableRows, run.arena());
    run.result("gradient rows", gradient.rows());
    run.result("gradient", gradient.values());
    Tensor gathered = run.output("gathered", dtype, (int) tokens.elements(), width);
    b.gatherRows(table, tokens, gathered);
    RowSparse sum =
        b.sumRows(List.of(gradient, new RowSparse(tokens, gathered)), tableRows, run.arena());
    run.result("sum of rows", sum.values());
    Tensor into = run.result("scattered", run.normal("into", dtype, tableRows, width));
    b.scatterAddRows(gathered, tokens, -0.5, into);
    b.concatRows(List.of(gathered.rows(0, 3), dOut), run.output("joined", dtype, 3 + bags, width));
    Tensor columns = run.below("columns", bags, width);
    Tensor selected = run.output("selected", dtype, bags);
    b.selectColumns(dOut, columns, selected);
    b.addToColumns(selected, columns, run.result("added to columns", dOut));
  }
}
