package io.batchwright.kernel;

import static io.batchwright.kernel.Arguments.apart;
import static io.batchwright.kernel.Arguments.computedAs;
import static io.batchwright.kernel.Arguments.elements;
import static io.batchwright.kernel.Arguments.floating;
import static io.batchwright.kernel.Arguments.integers;
import static io.batchwright.kernel.Arguments.like;
import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameFloating;
import static io.batchwright.kernel.Arguments.sameStored;
import static io.batchwright.kernel.Arguments.shape;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.util.List;

/** A {@link Backend} joined from its eight groups of kernels. */
public abstract class JoinedKernels implements Backend {
  private final ElementKernels elements;
  private final ReductionKernels reductions;
  private final MatrixKernels matrices;
  private final RowKernels rowKernels;
  private final SequenceKernels sequences;
  private final NormKernels norms;
  private final SearchKernels search;
  private final UpdateKernels updates;

  /** Joins them. */
  protected JoinedKernels(
      ElementKernels elements,
      ReductionKernels reductions,
      MatrixKernels matrices,
      RowKernels rowKernels,
      SequenceKernels sequences,
      NormKernels norms,
      SearchKernels search,
      UpdateKernels updates) {
    this.elements = elements;
    this.reductions = reductions;
    this.matrices = matrices;
    this.rowKernels = rowKernels;
    this.sequences = sequences;
    this.norms = norms;
    this.search = search;
    this.updates = updates;
  }

  @Override
  public void fill(Tensor out, double value) {
    elements.fill(out, value);
  }

  @Override
  public void fillUniform(
      Tensor out, RandomStream stream, long firstPosition, double low, double high) {
    elements.fillUniform(out, stream, firstPosition, low, high);
  }

  @Override
  public void fillGaussian(
      Tensor out, RandomStream stream, long firstPosition, double mean, double deviation) {
    elements.fillGaussian(out, stream, firstPosition, mean, deviation);
  }

  @Override
  public void copy(Tensor in, Tensor out) {
    elements.copy(in, out);
  }

  @Override
  public void cast(Tensor in, Tensor out) {
    elements.cast(in, out);
  }

  @Override
  public void add(Tensor a, Tensor b, Tensor out) {
    elements.add(a, b, out);
  }

  @Override
  public void subtract(Tensor a, Tensor b, Tensor out) {
    elements.subtract(a, b, out);
  }

  @Override
  public void multiply(Tensor a, Tensor b, Tensor out) {
    elements.multiply(a, b, out);
  }

  @Override
  public void divide(Tensor a, Tensor b, Tensor out) {
    elements.divide(a, b, out);
  }

  @Override
  public void scale(Tensor in, double factor, Tensor out) {
    elements.scale(in, factor, out);
  }

  @Override
  public void shift(Tensor in, double addend, Tensor out) {
    elements.shift(in, addend, out);
  }

  @Override
  public void axpy(double factor, Tensor x, Tensor out) {
    elements.axpy(factor, x, out);
  }

  @Override
  public void scaleEach(List<Tensor> tensors, double[] factors) {
    for (Tensor tensor : tensors) {
      floating("scaleEach", "the argument", tensor);
    }
    require(
        tensors.size() == factors.length,
        "scaleEach",
        "%d tensors do not fit %d factors",
        tensors.size(),
        factors.length);
    elements.scaleEach(tensors, factors);
  }

  @Override
  public void axpyEach(double[] factors, List<Tensor> xs, List<Tensor> outs) {
    require(
        xs.size() == factors.length && outs.size() == factors.length,
        "axpyEach",
        "%d and %d tensors do not fit %d factors",
        xs.size(),
        outs.size(),
        factors.length);
    for (int i = 0; i < factors.length; i++) {
      sameFloating("axpyEach", xs.get(i), outs.get(i));
      elements("axpyEach", "out", outs.get(i), xs.get(i).elements());
    }
    elements.axpyEach(factors, xs, outs);
  }

  @Override
  public void exp(Tensor in, Tensor out) {
    elements.exp(in, out);
  }

  @Override
  public void log(Tensor in, Tensor out) {
    elements.log(in, out);
  }

  @Override
  public void sqrt(Tensor in, Tensor out) {
    elements.sqrt(in, out);
  }

  @Override
  public void tanh(Tensor in, Tensor out) {
    elements.tanh(in, out);
  }

  @Override
  public void tanhBackward(Tensor out, Tensor dOut, Tensor dIn) {
    elements.tanhBackward(out, dOut, dIn);
  }

  @Override
  public void sign(Tensor in, Tensor out) {
    elements.sign(in, out);
  }

  @Override
  public void relu(Tensor in, Tensor out) {
    elements.relu(in, out);
  }

  @Override
  public void reluBackward(Tensor in, Tensor dOut, Tensor dIn) {
    elements.reluBackward(in, dOut, dIn);
  }

  @Override
  public void gelu(Tensor in, Tensor out) {
    elements.gelu(in, out);
  }

  @Override
  public void geluBackward(Tensor in, Tensor dOut, Tensor dIn) {
    elements.geluBackward(in, dOut, dIn);
  }

  @Override
  public void dropout(Tensor in, RandomStream stream, Tensor rows, double probability, Tensor out) {
    elements.dropout(in, stream, rows, probability, out);
  }

  @Override
  public void maskedFill(Tensor in, Tensor keep, double value, Tensor out) {
    elements.maskedFill(in, keep, value, out);
  }

  @Override
  public void sum(Tensor in, int dim, Tensor out) {
    reductions.sum(in, dim, out);
  }

  @Override
  public void mean(Tensor in, int dim, Tensor out) {
    reductions.mean(in, dim, out);
  }

  @Override
  public void max(Tensor in, int dim, Tensor out) {
    reductions.max(in, dim, out);
  }

  @Override
  public void sumAll(Tensor in, Tensor out) {
    reductions.sumAll(in, out);
  }

  @Override
  public void softmax(Tensor scores, Tensor mask, Tensor out) {
    reductions.softmax(scores, mask, out);
  }

  @Override
  public void softmaxBackward(Tensor out, Tensor dOut, Tensor dScores) {
    reductions.softmaxBackward(out, dOut, dScores);
  }

  @Override
  public void logSumExp(Tensor scores, Tensor mask, Tensor out) {
    reductions.logSumExp(scores, mask, out);
  }

  @Override
  public void l2Normalize(Tensor in, Tensor norms, Tensor out) {
    reductions.l2Normalize(in, norms, out);
  }

  @Override
  public void l2NormalizeBackward(Tensor out, Tensor norms, Tensor dOut, Tensor dIn) {
    reductions.l2NormalizeBackward(out, norms, dOut, dIn);
  }

  @Override
  public void poolNormalize(Tensor in, Tensor cuSeqlens, Tensor norms, Tensor out) {
    sameFloating("poolNormalize", in, norms, out);
    pooled("poolNormalize", "in", in, cuSeqlens, norms, out);
    if (out.elements() > 0) {
      reductions.poolNormalize(in, cuSeqlens, norms, out);
    }
  }

  @Override
  public void poolNormalizeBackward(
      Tensor out, Tensor norms, Tensor cuSeqlens, Tensor dOut, Tensor dIn) {
    sameFloating("poolNormalizeBackward", out, norms, dOut, dIn);
    pooled("poolNormalizeBackward", "dIn", dIn, cuSeqlens, norms, out);
    like("poolNormalizeBackward", "dOut", dOut, out);
    if (dIn.elements() > 0) {
      reductions.poolNormalizeBackward(out, norms, cuSeqlens, dOut, dIn);
    }
  }

  private static void pooled(
      String operation, String name, Tensor rows, Tensor cuSeqlens, Tensor norms, Tensor out) {
    rank(operation, name, rows, 2);
    integers(operation, "cuSeqlens", cuSeqlens);
    rank(operation, "cuSeqlens", cuSeqlens, 1);
    int count = cuSeqlens.shape().dim(0) - 1;
    require(count >= 0, operation, "cuSeqlens must be [B + 1], got %s", cuSeqlens);
    shape(operation, "out", out, count, rows.shape().dim(1));
    elements(operation, "norms", norms, count);
  }

  @Override
  public double sumOfSquares(Tensor in) {
    return reductions.sumOfSquares(in);
  }

  @Override
  public double[] sumsOfSquares(List<Tensor> tensors) {
    return reductions.sumsOfSquares(tensors);
  }

  @Override
  public boolean allFinite(Tensor in) {
    return reductions.allFinite(in);
  }

  @Override
  public void matmul(
      Tensor a,
      boolean transposeA,
      Tensor b,
      boolean transposeB,
      double alpha,
      double beta,
      Tensor out) {
    if (!ProductShape.check("matmul", a, transposeA, b, transposeB, out).isEmpty()) {
      matrices.matmul(a, transposeA, b, transposeB, alpha, beta, out);
    }
  }

  @Override
  public void linear(Tensor x, Tensor weight, Tensor bias, Tensor out) {
    if (!layer("linear", x, weight, bias, out).isEmpty()) {
      matrices.linear(x, weight, bias, out);
    }
  }

  @Override
  public void linearGelu(Tensor x, Tensor weight, Tensor bias, Tensor before, Tensor out) {
    ProductShape of = layer("linearGelu", x, weight, bias, out);
    beside("linearGelu", "before", before, out);
    if (!of.isEmpty()) {
      matrices.linearGelu(x, weight, bias, before, out);
    }
  }

  @Override
  public void linearAdd(Tensor x, Tensor weight, Tensor bias, Tensor residual, Tensor out) {
    ProductShape of = layer("linearAdd", x, weight, bias, out);
    beside("linearAdd", "residual", residual, out);
    apart("linearAdd", "residual", residual, out);
    if (!of.isEmpty()) {
      matrices.linearAdd(x, weight, bias, residual, out);
    }
  }

  private static ProductShape layer(
      String operation, Tensor x, Tensor weight, Tensor bias, Tensor out) {
    ProductShape of = ProductShape.check(operation, x, false, weight, true, out);
    computedAs(operation, out, bias);
    shape(operation, "bias", bias, of.n());
    return of;
  }

  private static void beside(String operation, String name, Tensor tensor, Tensor out) {
    sameStored(operation, out, tensor);
    like(operation, name, tensor, out);
  }

  @Override
  public void transpose(Tensor in, Tensor out) {
    require(in.dtype() == out.dtype(), "transpose", "out must be %s, got %s", in.dtype(), out);
    rank("transpose", "in", in, 2);
    shape("transpose", "out", out, in.shape().dim(1), in.shape().dim(0));
    matrices.transpose(in, out);
  }

  @Override
  public void embeddingBagMean(Tensor table, Tensor tokens, Tensor cuSeqlens, Tensor out) {
    rowKernels.embeddingBagMean(table, tokens, cuSeqlens, out);
  }

  @Override
  public RowSparse embeddingBagMeanBackward(
      Tensor dOut, Tensor tokens, Tensor cuSeqlens, int tableRows, Arena arena) {
    return rowKernels.embeddingBagMeanBackward(dOut, tokens, cuSeqlens, tableRows, arena);
  }

  @Override
  public RowSparse sumRows(List<RowSparse> parts, int tableRows, Arena arena) {
    return rowKernels.sumRows(parts, tableRows, arena);
  }

  @Override
  public void gatherRows(Tensor table, Tensor rows, Tensor out) {
    rowKernels.gatherRows(table, rows, out);
  }

  @Override
  public void scatterAddRows(Tensor values, Tensor rows, double factor, Tensor into) {
    rowKernels.scatterAddRows(values, rows, factor, into);
  }

  @Override
  public void concatRows(List<Tensor> parts, Tensor out) {
    rowKernels.concatRows(parts, out);
  }

  @Override
  public void selectColumns(Tensor in, Tensor columns, Tensor out) {
    rowKernels.selectColumns(in, columns, out);
  }

  @Override
  public void addToColumns(Tensor values, Tensor columns, Tensor into) {
    rowKernels.addToColumns(values, columns, into);
  }

  @Override
  public void sgd(Tensor parameter, Tensor gradient, double rate) {
    updates.sgd(parameter, gradient, rate);
  }

  @Override
  public void sgdRows(Tensor parameter, RowSparse gradient, double rate) {
    updates.sgdRows(parameter, gradient, rate);
  }

  @Override
  public void adamW(List<AdamWUpdate> all, int step) {
    require(step >= 1, "adamW", "step counts from 1, got %d", step);
    for (AdamWUpdate update : all) {
      Tensor parameter = update.parameter();
      sameFloating("adamW", parameter, update.gradient(), update.moments().first());
      like("adamW", "gradient", update.gradient(), parameter);
      like("adamW", "the moments", update.moments().first(), parameter);
      require(
          step <= update.rates().length,
          "adamW",
          "%d rates do not reach step %d",
          update.rates().length,
          step);
    }
    updates.adamW(all, step);
  }

  @Override
  public void adamDirections(
      List<Tensor> gradients, List<Moments> moments, AdamWRule rule, int step) {
    require(step >= 1, "adamDirections", "step counts from 1, got %d", step);
    sameSize("adamDirections", gradients, moments);
    for (int i = 0; i < gradients.size(); i++) {
      sameFloating("adamDirections", gradients.get(i), moments.get(i).first());
      like("adamDirections", "the moments", moments.get(i).first(), gradients.get(i));
    }
    updates.adamDirections(gradients, moments, rule, step);
  }

  @Override
  public void lionDirections(
      List<Tensor> gradients, List<Tensor> momenta, double beta1, double beta2) {
    sameSize("lionDirections", gradients, momenta);
    for (int i = 0; i < gradients.size(); i++) {
      sameFloating("lionDirections", gradients.get(i), momenta.get(i));
      like("lionDirections", "the momentum", momenta.get(i), gradients.get(i));
    }
    updates.lionDirections(gradients, momenta, beta1, beta2);
  }

  private static void sameSize(String operation, List<?> one, List<?> other) {
    require(
        one.size() == other.size(),
        operation,
        "%d gradients do not fit %d states",
        one.size(),
        other.size());
  }

  @Override
  public void adamWCatchUp(
      Tensor parameter, Tensor rows, Moments moments, AdamWRule rule, double[] rates, int upTo) {
    updates.adamWCatchUp(parameter, rows, moments, rule, rates, upTo);
  }

  @Override
  public void adamWRowsExact(
      Tensor parameter,
      RowSparse gradient,
      Moments moments,
      AdamWRule rule,
      double[] rates,
      int step) {
    updates.adamWRowsExact(parameter, gradient, moments, rule, rates, step);
  }

  @Override
  public void adamWRowsLazy(
      Tensor parameter,
      RowSparse gradient,
      Moments moments,
      AdamWRule rule,
      double[] rates,
      int step) {
    updates.adamWRowsLazy(parameter, gradient, moments, rule, rates, step);
  }

  @Override
  public void attention(AttentionPass pass, Arena arena) {
    sequences.attention(pass, arena);
  }

  @Override
  public void attentionBackward(
      AttentionPass pass, Tensor dOut, AttentionGradients gradients, Arena arena) {
    sequences.attentionBackward(pass, dOut, gradients, arena);
  }

  @Override
  public void layerNorm(
      Tensor in, Tensor gain, Tensor bias, double epsilon, Tensor statistics, Tensor out) {
    norms.layerNorm(in, gain, bias, epsilon, statistics, out);
  }

  @Override
  public void addLayerNorm(
      List<Addend> addends,
      Tensor gain,
      Tensor bias,
      double epsilon,
      Tensor sum,
      Tensor statistics,
      Tensor out) {
    String operation = "addLayerNorm";
    require(
        addends.size() == 2 || addends.size() == 3,
        operation,
        "there must be 2 or 3 addends, got %d",
        addends.size());
    rank(operation, "out", out, 2);
    beside(operation, "sum", sum, out);
    computedAs(operation, out, gain, bias, statistics);
    int width = out.shape().columns();
    shape(operation, "gain", gain, width);
    shape(operation, "bias", bias, width);
    shape(operation, "statistics", statistics, out.shape().dim(0), 2);
    addends.forEach(addend -> addend.check(operation, sum));
    if (out.elements() > 0) {
      norms.addLayerNorm(addends, gain, bias, epsilon, sum, statistics, out);
    }
  }

  @Override
  public void layerNormBackward(
      Tensor in,
      Tensor gain,
      Tensor statistics,
      Tensor dOut,
      Tensor dIn,
      Tensor dGain,
      Tensor dBias) {
    norms.layerNormBackward(in, gain, statistics, dOut, dIn, dGain, dBias);
  }

  @Override
  public void keepBest(Tensor scores, int columns, int first, Tensor best, Tensor ordinals) {
    require(scores.dtype() == DType.F32, "keepBest", "scores must be F32, got %s", scores);
    require(best.dtype() == DType.F32, "keepBest", "best must be F32, got %s", best);
    integers("keepBest", "ordinals", ordinals);
    rank("keepBest", "scores", scores, 2);
    rank("keepBest", "best", best, 2);
    like("keepBest", "ordinals", ordinals, best);
    int k = best.shape().dim(1);
    require(k >= 1 && k <= MOST_KEPT, "keepBest", "k must be in [1, %d], got %d", MOST_KEPT, k);
    shape("keepBest", "scores", scores, best.shape().dim(0), scores.shape().dim(1));
    require(
        columns >= 0 && columns <= scores.shape().dim(1),
        "keepBest",
        "%d columns do not exist in %s",
        columns,
        scores);
    require(
        first >= 0 && first <= Integer.MAX_VALUE - columns,
        "keepBest",
        "ordinals from %d on do not fit",
        first);
    search.keepBest(scores, columns, first, best, ordinals);
  }
}
