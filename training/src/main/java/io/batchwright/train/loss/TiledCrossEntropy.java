package io.batchwright.train.loss;

import io.batchwright.kernel.Backend;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Edge;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The cross-entropy of rows under the softmax of a matrix product, without the matrix of all
 * logits: rows go through in tiles, and the way back computes each tile's logits again. With a
 * vocabulary as columns it is a language model's loss, with the texts of a batch InfoNCE's.
 *
 * <pre>
 * z[n] = scale W x[n] + b      L = sum over n of [ log sum over v of exp(z[n, v])  -  z[n, target[n]] ]
 * dz[n, v] = softmax(z[n])[v] - (v is target[n])   dx = scale dz W   dW = scale dz^T x   db = sum of dz
 * </pre>
 *
 * <p>Shapes: x [N, D], W [V, D], b [V], targets [N]; a tile of logits is [R, V] where R follows
 * from V alone, so that results do not depend on how much memory is free. The unit is nats. N may
 * be 0.
 *
 * <p><b>Deviations from the paper.</b> The paper computes blocks over rows and vocabulary inside of
 * one GPU kernel and leaves out gradients too small for the number format; these tiles hold whole
 * rows of the vocabulary and leave nothing out.
 *
 * @param tileBytes most memory of a tile of logits, at least 1; a tile has one row at least
 */
@Paper(
    title = "Cut Your Losses in Large-Vocabulary Language Models",
    arxiv = "2411.09009",
    where = "Section 4, without gradient filtering")
public record TiledCrossEntropy(long tileBytes) {
  /** Tiles of 8 MiB, which stay in the cache of most processors. */
  public static final TiledCrossEntropy DEFAULT = new TiledCrossEntropy(8L << 20);

  private static final int[] NONE = {};

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if {@code tileBytes < 1}
   */
  public TiledCrossEntropy {
    Check.atLeast("TiledCrossEntropy.tileBytes", tileBytes, 1);
  }

  /** Which columns are out of a row's sum, besides those that are in; never the target. */
  interface Excluded {
    /** The columns that are out of row {@code row}. */
    int[] of(int row);
  }

  /**
   * The sum of the rows' cross-entropies: a scalar, 0 where there are none.
   *
   * @param x [N, D]
   * @param weight [V, D]
   * @param bias [V], or empty
   * @param targets I32 [N], each in [0, V)
   */
  public Variable sum(
      Graph g, Variable x, Variable weight, Optional<Variable> bias, Tensor targets) {
    return sum(g, x, weight, bias, targets, 1, row -> NONE);
  }

  /**
   * The same for similarities.
   *
   * @param x [N, D] anchors
   * @param candidates [C, D]
   * @param targets I32 [N], each in [0, C)
   * @param scale of the similarities, one over the temperature
   */
  Variable sum(
      Graph g, Variable x, Variable candidates, Tensor targets, double scale, Excluded excluded) {
    return sum(g, x, candidates, Optional.empty(), targets, scale, excluded);
  }

  private Variable sum(
      Graph g,
      Variable x,
      Variable weight,
      Optional<Variable> bias,
      Tensor targets,
      double scale,
      Excluded excluded) {
    Backend backend = g.backend();
    DType dtype = x.value().dtype();
    int rows = x.shape().dim(0);
    Tensor logSums = g.arena().zeros("token log sums", dtype, rows);
    Tensor own = g.arena().zeros("logits of targets", dtype, rows);
    Tiles tiles =
        new Tiles(g, weight.value(), bias.map(Variable::value), scale, excluded, tileBytes);
    tiles.each(
        x.value(),
        (logits, mask, from, to) -> {
          backend.logSumExp(logits, mask, logSums.rows(from, to));
          backend.selectColumns(logits, targets.rows(from, to), own.rows(from, to));
        });
    Tensor loss = g.arena().allocate("token cross-entropy", dtype, Shape.of());
    backend.subtract(logSums, own, own);
    backend.sumAll(own, loss);

    Supplier<Tensor> saved = g.save(x);
    Gradients gradients = new Gradients(g, x, weight, bias, targets);
    List<Edge> edges = new ArrayList<>();
    edges.add(new Edge(x, d -> gradients.of(saved, tiles, d).dx));
    edges.add(new Edge(weight, d -> gradients.of(saved, tiles, d).dWeight));
    bias.ifPresent(b -> edges.add(new Edge(b, d -> gradients.of(saved, tiles, d).dBias)));
    return g.custom("token cross-entropy", loss, edges);
  }

  /** Logits of some rows at a time, in memory that the next tile uses again. */
  private record Tiles(
      Graph g,
      Tensor weight,
      Optional<Tensor> bias,
      double scale,
      Excluded excluded,
      long tileBytes) {
    private interface Work {
      void on(Tensor logits, Tensor mask, int from, int to);
    }

    void each(Tensor x, Work work) {
      Arena scratch = g.arena().scratch();
      int vocabulary = weight.shape().dim(0);
      long rowBytes = (long) vocabulary * x.dtype().bytes();
      int tile = (int) Math.max(1, Math.min(Integer.MAX_VALUE, tileBytes / rowBytes));
      int rows = x.shape().dim(0);
      for (int from = 0; from < rows; from += tile) {
        int to = (int) Math.min(rows, (long) from + tile);
        Tensor logits = scratch.allocate("logits", x.dtype(), to - from, vocabulary);
        g.backend().matmul(x.rows(from, to), false, weight, true, scale, 0, logits);
        bias.ifPresent(b -> g.backend().add(logits, b, logits));
        work.on(logits, mask(scratch, from, to, vocabulary), from, to);
        scratch.reset();
      }
    }

    /** I32 [to - from, V], 0 where a column is out; null where none is. */
    private Tensor mask(Arena scratch, int from, int to, int columns) {
      int[] kept = null;
      for (int row = from; row < to; row++) {
        int[] out = excluded.of(row);
        if (out.length > 0 && kept == null) {
          kept = new int[Math.multiplyExact(to - from, columns)];
          Arrays.fill(kept, 1);
        }
        for (int column : out) {
          kept[(row - from) * columns + column] = 0;
        }
      }
      return kept == null ? null : scratch.ints("kept", kept, to - from, columns);
    }
  }

  /** The three gradients, which come of one pass over the tiles, whichever is asked for first. */
  private static final class Gradients {
    private final Graph g;
    private final Variable x;
    private final Variable weight;
    private final Optional<Variable> bias;
    private final Tensor targets;
    private Tensor dx;
    private Tensor dWeight;
    private Tensor dBias;

    Gradients(Graph g, Variable x, Variable weight, Optional<Variable> bias, Tensor targets) {
      this.g = g;
      this.x = x;
      this.weight = weight;
      this.bias = bias;
      this.targets = targets;
    }

    Gradients of(Supplier<Tensor> saved, Tiles tiles, Tensor d) {
      if (dx != null) {
        return this;
      }
      Arena arena = g.arena();
      Backend backend = g.backend();
      Tensor values = saved.get();
      DType dtype = values.dtype();
      int rows = values.shape().dim(0);
      dx = arena.zeros("token cross-entropy.dx", dtype, values.shape());
      if (weight.needsGradient()) {
        dWeight = arena.zeros("token cross-entropy.dWeight", dtype, weight.shape());
      }
      if (bias.isPresent()) {
        dBias = arena.zeros("token cross-entropy.dBias", dtype, bias.get().shape());
      }
      Tensor minusOnes = arena.allocate("minus ones", dtype, rows);
      backend.fill(minusOnes, -1);
      tiles.each(
          values,
          (logits, mask, from, to) -> {
            backend.softmax(logits, mask, logits);
            backend.addToColumns(minusOnes.rows(from, to), targets.rows(from, to), logits);
            backend.matmul(
                logits, false, tiles.weight(), false, tiles.scale(), 0, dx.rows(from, to));
            if (dWeight != null) {
              backend.matmul(logits, true, values.rows(from, to), false, tiles.scale(), 1, dWeight);
            }
            if (dBias != null) {
              Tensor part = arena.scratch().allocate("part", dtype, dBias.shape());
              backend.sum(logits, 0, part);
              backend.axpy(1, part, dBias);
            }
          });
      for (Tensor gradient : new Tensor[] {dx, dWeight, dBias}) {
        if (gradient != null) {
          backend.multiply(gradient, d, gradient);
        }
      }
      return this;
    }
  }
}
