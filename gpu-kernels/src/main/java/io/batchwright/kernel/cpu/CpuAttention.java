package io.batchwright.kernel.cpu;

import static io.batchwright.kernel.Arguments.integers;
import static io.batchwright.kernel.Arguments.like;
import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameFloating;
import static io.batchwright.kernel.Arguments.shape;

import io.batchwright.kernel.AttentionGradients;
import io.batchwright.kernel.AttentionPass;
import io.batchwright.kernel.SequenceKernels;
import io.batchwright.kernel.cpu.AttentionRun.Tile;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Tensor;

/**
 * Attention by matrix products over tiles of {@value AttentionRun#TILE} queries, which read the
 * columns of a head where they lie; some rows of a tile's scores at a time go through an array of
 * the heap once.
 */
final class CpuAttention implements SequenceKernels {
  private final MatrixProduct product;
  private final Workers workers;

  CpuAttention(MatrixProduct product, Workers workers) {
    this.product = product;
    this.workers = workers;
  }

  @Override
  public void attention(AttentionPass pass, Arena arena) {
    check("attention", pass);
    AttentionRun all = new AttentionRun(pass, product, workers, arena, 1);
    all.eachTile(
        (run, tile) -> {
          run.scores(tile);
          run.rows.normalize(run, tile);
          // [rows, keys] x [keys, D / H] -> [rows, D / H]
          run.multiply(
              new MatrixProduct.Size(tile.rows(), run.headDims, tile.keys(), false, false),
              new MatrixProduct.Factors(1, 0),
              run.scores,
              tile.pitch(),
              run.at(pass.values(), tile.from(), tile.head()),
              run.at(pass.out(), tile.first(), tile.head()));
        });
  }

  @Override
  public void attentionBackward(
      AttentionPass pass, Tensor dOut, AttentionGradients gradients, Arena arena) {
    check("attentionBackward", pass);
    like("attentionBackward", "dOut", dOut, pass.queries());
    for (Tensor gradient :
        new Tensor[] {gradients.dQueries(), gradients.dKeys(), gradients.dValues()}) {
      sameFloating("attentionBackward", pass.queries(), gradient, dOut);
      like("attentionBackward", "a gradient", gradient, pass.queries());
    }
    // Several tiles add to the same keys and values; each query is written once. The first tile of
    // a sequence writes all of its keys, unless queries see earlier positions only.
    if (pass.form().causal()) {
      OffHeap.zero(CpuMemory.addressOf(gradients.dKeys()), gradients.dKeys().bytes());
      OffHeap.zero(CpuMemory.addressOf(gradients.dValues()), gradients.dValues().bytes());
    }
    AttentionRun all = new AttentionRun(pass, product, workers, arena, 2);
    all.rows.along(all, dOut);
    all.eachTile((run, tile) -> backward(run, tile, dOut, gradients));
  }

  private static void backward(
      AttentionRun run, Tile tile, Tensor dOut, AttentionGradients gradients) {
    AttentionPass pass = run.pass;
    int rows = tile.rows();
    int keys = tile.keys();
    int dims = run.headDims;
    long dOutTile = run.at(dOut, tile.first(), tile.head());
    double before = tile.first() == tile.from() && !pass.form().causal() ? 0 : 1;
    run.scores(tile);
    // dP = dOut V^T: [rows, D / H] x [keys, D / H] transposed
    run.product(
        new MatrixProduct.Size(rows, keys, dims, false, true),
        new MatrixProduct.Factors(1, 0),
        new MatrixProduct.Operands(
            dOutTile,
            run.dims,
            run.at(pass.values(), tile.from(), tile.head()),
            run.dims,
            run.others,
            tile.pitch()));
    run.rows.differentiate(run, tile);
    // dV += P^T dOut: [rows, keys] transposed x [rows, D / H]
    run.multiply(
        new MatrixProduct.Size(keys, dims, rows, true, false),
        new MatrixProduct.Factors(1, before),
        run.scores,
        tile.pitch(),
        dOutTile,
        run.at(gradients.dValues(), tile.from(), tile.head()));
    // dQ = dS K / sqrt(D / H)
    run.multiply(
        new MatrixProduct.Size(rows, dims, keys, false, false),
        new MatrixProduct.Factors(run.scale, 0),
        run.others,
        tile.pitch(),
        run.at(pass.keys(), tile.from(), tile.head()),
        run.at(gradients.dQueries(), tile.first(), tile.head()));
    // dK += dS^T Q / sqrt(D / H)
    run.multiply(
        new MatrixProduct.Size(keys, dims, rows, true, false),
        new MatrixProduct.Factors(run.scale, before),
        run.others,
        tile.pitch(),
        run.at(pass.queries(), tile.first(), tile.head()),
        run.at(gradients.dKeys(), tile.from(), tile.head()));
  }

  private static void check(String operation, AttentionPass pass) {
    Tensor queries = pass.queries();
    sameFloating(operation, queries, pass.keys(), pass.values(), pass.out(), pass.logSums());
    rank(operation, "queries", queries, 2);
    like(operation, "keys", pass.keys(), queries);
    like(operation, "values", pass.values(), queries);
    like(operation, "out", pass.out(), queries);
    integers(operation, "cuSeqlens", pass.cuSeqlens());
    rank(operation, "cuSeqlens", pass.cuSeqlens(), 1);
    int heads = pass.form().heads();
    require(
        queries.shape().dim(1) % heads == 0,
        operation,
        "%d heads must divide the width of %s",
        heads,
        queries);
    shape(operation, "logSums", pass.logSums(), queries.shape().dim(0), heads);
    if (pass.dropout().probability() > 0) {
      integers(operation, "dropout.rows", pass.dropout().rows());
      shape(operation, "dropout.rows", pass.dropout().rows(), queries.shape().dim(0));
    }
  }
}
