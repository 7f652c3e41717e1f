package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.batchwright.kernel.Addend;
import io.batchwright.kernel.AttentionDropout;
import io.batchwright.kernel.AttentionForm;
import io.batchwright.kernel.AttentionGradients;
import io.batchwright.kernel.AttentionPass;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SequenceKernelsTest extends KernelTest {
  /** Sequences of 1, 0, 63, 64, 65 and 130 positions: on and off the tile grid. */
  private static final int[] OFFSETS = {0, 1, 1, 64, 128, 193, 323};

  private static final int POSITIONS = OFFSETS[OFFSETS.length - 1];
  private static final int HEADS = 3;
  private static final int DIMS = 12;

  @Test
  void attentionFollowsItsDefinition() {
    for (DType dtype : TYPES) {
      for (AttentionDropout dropout : List.of(AttentionDropout.NONE, dropout())) {
        for (boolean causal : new boolean[] {false, true}) {
          AttentionPass pass = pass(dtype, causal, dropout);
          backend.attention(pass, arena);
          Naive naive = new Naive(pass);
          Values.assertClose(pass.out(), naive.out, Values.tolerance(dtype, 2e-6));
          Values.assertClose(pass.logSums(), naive.logSums, Values.tolerance(dtype, 2e-6));
        }
      }
    }
  }

  @Test
  void attentionGradientsAreThoseOfItsDefinition() {
    for (DType dtype : TYPES) {
      for (AttentionDropout dropout : List.of(AttentionDropout.NONE, dropout())) {
        for (boolean causal : new boolean[] {false, true}) {
          AttentionPass pass = pass(dtype, causal, dropout);
          backend.attention(pass, arena);
          Tensor dOut = normal("dOut", dtype, POSITIONS, DIMS);
          AttentionGradients gradients = gradients(dtype, POSITIONS);
          backend.attentionBackward(pass, dOut, gradients, arena);
          Naive naive = new Naive(pass);
          naive.backward(dOut.toDoubles());
          double tolerance = dtype == DType.F32 ? 1e-5 : 1e-11;
          Values.assertClose(gradients.dQueries(), naive.dQ, tolerance);
          Values.assertClose(gradients.dKeys(), naive.dK, tolerance);
          Values.assertClose(gradients.dValues(), naive.dV, tolerance);
        }
      }
    }
  }

  /** Positions whose numbers in the global batch neither start at 0 nor rise. */
  private AttentionDropout dropout() {
    int[] rows = IntStream.range(0, POSITIONS).map(i -> (i * 17) % POSITIONS + 11).toArray();
    return new AttentionDropout(
        0.3, RandomStream.of(7, "weights", 0, 2), arena.ints("rows", rows, POSITIONS));
  }

  private AttentionGradients gradients(DType dtype, int positions) {
    return new AttentionGradients(
        output(dtype, positions, DIMS),
        output(dtype, positions, DIMS),
        output(dtype, positions, DIMS));
  }

  @Test
  void whatIsDroppedDependsOnTheGlobalRowAlone() {
    AttentionDropout dropout = dropout();
    AttentionPass whole = pass(DType.F64, true, dropout);
    backend.attention(whole, arena);
    int from = OFFSETS[4];
    AttentionPass part =
        new AttentionPass(
            whole.queries().rows(from, POSITIONS),
            whole.keys().rows(from, POSITIONS),
            whole.values().rows(from, POSITIONS),
            arena.ints("offsets", new int[] {0, OFFSETS[5] - from, POSITIONS - from}, 3),
            whole.form(),
            new AttentionDropout(
                dropout.probability(), dropout.stream(), dropout.rows().rows(from, POSITIONS)),
            output(DType.F64, POSITIONS - from, DIMS),
            output(DType.F64, POSITIONS - from, HEADS));
    backend.attention(part, arena);
    Values.assertClose(
        part.out(),
        Arrays.copyOfRange(whole.out().toDoubles(), from * DIMS, POSITIONS * DIMS),
        1e-14);
  }

  @Test
  void dropoutOutOfItsRangeIsRefused() {
    RandomStream stream = RandomStream.of(7, "weights", 0, 2);
    Tensor rows = arena.ints("rows", new int[] {0, 1}, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AttentionDropout(1, stream, rows))
        .withMessage("AttentionDropout.probability must be in [0, 1), got 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AttentionDropout(0.1, stream, null))
        .withMessage("AttentionDropout.stream and rows must be given");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                backend.attention(
                    pass(DType.F32, true, new AttentionDropout(0.1, stream, rows)), arena))
        .withMessageContaining("dropout.rows must be [323]");
  }

  @Test
  void scoresBeyondTheRangeOfExpStayFinite() {
    AttentionPass pass = pass(DType.F32, false);
    backend.scale(pass.queries(), 200, pass.queries());
    backend.attention(pass, arena);
    assertThat(backend.allFinite(pass.out())).isTrue();
  }

  @Test
  void layerNormFollowsItsDefinition() {
    for (DType dtype : TYPES) {
      for (int width : AWKWARD) {
        Tensor in = normal("in", dtype, 5, width);
        Tensor gain = normal("gain", dtype, width);
        Tensor bias = normal("bias", dtype, width);
        Tensor out = output(dtype, 5, width);
        backend.layerNorm(in, gain, bias, 1e-5, output(dtype, 5, 2), out);
        double[] x = in.toDoubles();
        double[] expected = new double[x.length];
        for (int b = 0; b < 5; b++) {
          double mean = 0;
          double variance = 0;
          for (int i = 0; i < width; i++) {
            mean += x[b * width + i] / width;
          }
          for (int i = 0; i < width; i++) {
            variance += Math.pow(x[b * width + i] - mean, 2) / width;
          }
          for (int i = 0; i < width; i++) {
            double normal = (x[b * width + i] - mean) / Math.sqrt(variance + 1e-5);
            expected[b * width + i] = normal * gain.toDoubles()[i] + bias.toDoubles()[i];
          }
        }
        Values.assertClose(out, expected, Values.tolerance(dtype, 3e-6));
      }
    }
  }

  @Test
  void theNormOfASumIsTheBitsOfASumAndThenANorm() {
    Tensor tokens = arena.ints("tokens", new int[] {6, 0, 6, 2, 1});
    Tensor places = arena.ints("places", new int[] {0, 1, 2, 0, 1});
    for (DType dtype : TYPES) {
      for (int width : AWKWARD) {
        Tensor a = normal("a", dtype, 5, width);
        Tensor b = normal("b", dtype, 5, width);
        Tensor table = normal("table", dtype, 7, width);
        Tensor other = normal("other", dtype, 3, width);
        Tensor row = normal("row", dtype, 1, width);
        List<List<Addend>> sums =
            List.of(
                List.of(Addend.of(a), Addend.of(b)),
                List.of(new Addend(table, tokens), new Addend(other, places)),
                List.of(new Addend(table, tokens), new Addend(other, places), Addend.of(row)),
                List.of(Addend.of(a), Addend.of(row), new Addend(table, tokens)));
        Tensor gain = normal("gain", dtype, width);
        Tensor bias = normal("bias", dtype, width);
        for (List<Addend> addends : sums) {
          Tensor expectedSum = output(dtype, 5, width);
          backend.copy(gathered(addends.get(0)), expectedSum);
          for (Addend addend : addends.subList(1, addends.size())) {
            backend.add(expectedSum, gathered(addend), expectedSum);
          }
          Tensor expectedStatistics = output(dtype, 5, 2);
          Tensor expected = output(dtype, 5, width);
          backend.layerNorm(expectedSum, gain, bias, 1e-5, expectedStatistics, expected);
          Tensor sum = output(dtype, 5, width);
          Tensor statistics = output(dtype, 5, 2);
          Tensor out = output(dtype, 5, width);
          backend.addLayerNorm(addends, gain, bias, 1e-5, sum, statistics, out);
          Values.assertClose(sum, expectedSum.toDoubles(), 0);
          Values.assertClose(statistics, expectedStatistics.toDoubles(), 0);
          Values.assertClose(out, expected.toDoubles(), 0);
        }
      }
    }
  }

  /** From 256 to 512 bf16 has the even numbers. */
  @Test
  void theSumOfANormIsRoundedOnceInBf16() {
    Tensor large = bf16(256, -256);
    Tensor one = bf16(1, 1);
    Tensor sum = arena.allocate("sum", DType.BF16, 1, 2);
    backend.addLayerNorm(
        List.of(Addend.of(large), Addend.of(one), Addend.of(one)),
        normal("gain", DType.F32, 2),
        normal("bias", DType.F32, 2),
        1e-5,
        sum,
        output(DType.F32, 1, 2),
        arena.allocate("out", DType.BF16, 1, 2));
    assertThat(sum.toFloats()).containsExactly(258, -254);
    Tensor parts = arena.allocate("parts", DType.BF16, 1, 2);
    backend.add(large, one, parts);
    backend.add(parts, one, parts);
    assertThat(parts.toFloats()).as("rounded twice").containsExactly(256, -254);
  }

  private Tensor bf16(float... values) {
    Tensor out = arena.allocate("bf16", DType.BF16, 1, values.length);
    backend.cast(arena.floats("wide", values, 1, values.length), out);
    return out;
  }

  private Tensor gathered(Addend addend) {
    if (addend.rows() == null) {
      return addend.values();
    }
    Tensor values = addend.values();
    Tensor out = output(values.dtype(), 5, values.shape().columns());
    backend.gatherRows(values, addend.rows(), out);
    return out;
  }

  @Test
  void addendsThatDoNotFitAreNamed() {
    Tensor a = normal("a", DType.F32, 5, 4);
    Tensor rows = arena.ints("rows", new int[] {0, 1, 2, 3, 5});
    refused("there must be 2 or 3 addends, got 1", Addend.of(a));
    refused(
        "an addend without row numbers must have 1 or 5 rows, got 'b' F32 [2, 4]",
        Addend.of(a),
        Addend.of(normal("b", DType.F32, 2, 4)));
    refused(
        "'c' F32 [5, 3] and 'out' F32 [5, 4] have rows of another length",
        Addend.of(a),
        Addend.of(normal("c", DType.F32, 5, 3)));
    refused(
        "row 5 at position 4 is outside the table of 5 rows", Addend.of(a), new Addend(a, rows));
  }

  private void refused(String message, Addend... addends) {
    Tensor gain = normal("gain", DType.F32, 4);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                backend.addLayerNorm(
                    List.of(addends),
                    gain,
                    gain,
                    1e-5,
                    output(DType.F32, 5, 4),
                    output(DType.F32, 5, 2),
                    output(DType.F32, 5, 4)))
        .withMessage("addLayerNorm: " + message);
  }

  /** Against central differences of the sum of {@code out * dOut}. */
  @Test
  void layerNormGradientsAgreeWithFiniteDifferences() {
    int rows = 3;
    int width = 7;
    Tensor in = normal("in", DType.F64, rows, width);
    Tensor gain = normal("gain", DType.F64, width);
    Tensor bias = normal("bias", DType.F64, width);
    Tensor dOut = normal("dOut", DType.F64, rows, width);
    Tensor statistics = output(DType.F64, rows, 2);
    backend.layerNorm(in, gain, bias, 1e-5, statistics, output(DType.F64, rows, width));
    Tensor dIn = output(DType.F64, rows, width);
    Tensor dGain = output(DType.F64, width);
    Tensor dBias = output(DType.F64, width);
    backend.layerNormBackward(in, gain, statistics, dOut, dIn, dGain, dBias);
    Tensor[] arguments = {in, gain, bias};
    Tensor[] found = {dIn, dGain, dBias};
    for (int a = 0; a < arguments.length; a++) {
      double[] values = arguments[a].toDoubles();
      double[] expected = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        double center = values[i];
        values[i] = center + 1e-6;
        arguments[a].copyFrom(values);
        double above = weighted(in, gain, bias, dOut);
        values[i] = center - 1e-6;
        arguments[a].copyFrom(values);
        double below = weighted(in, gain, bias, dOut);
        values[i] = center;
        arguments[a].copyFrom(values);
        expected[i] = (above - below) / 2e-6;
      }
      Values.assertClose(found[a], expected, 1e-7);
    }
  }

  private double weighted(Tensor in, Tensor gain, Tensor bias, Tensor dOut) {
    Tensor out = arena.allocate("out", DType.F64, in.shape());
    backend.layerNorm(in, gain, bias, 1e-5, arena.allocate("s", DType.F64, 3, 2), out);
    double[] y = out.toDoubles();
    double[] w = dOut.toDoubles();
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      sum += y[i] * w[i];
    }
    return sum;
  }

  @Test
  void argumentsThatDoNotFitAreNamed() {
    AttentionPass pass = pass(DType.F32, false);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> backend.attention(with(pass, new AttentionForm(5, false)), arena))
        .withMessageContaining("attention: 5 heads must divide the width");
    AttentionPass shorter =
        new AttentionPass(
            pass.queries(),
            pass.keys(),
            pass.values(),
            arena.ints("offsets", new int[] {0, 5}, 2),
            pass.form(),
            pass.dropout(),
            pass.out(),
            pass.logSums());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> backend.attention(shorter, arena))
        .withMessageContaining(
            "cuSeqlens must rise from 0 to 323, the number of positions; it starts at 0 and ends at 5");
  }

  private static AttentionPass with(AttentionPass pass, AttentionForm form) {
    return new AttentionPass(
        pass.queries(),
        pass.keys(),
        pass.values(),
        pass.cuSeqlens(),
        form,
        pass.dropout(),
        pass.out(),
        pass.logSums());
  }

  private AttentionPass pass(DType dtype, boolean causal) {
    return pass(dtype, causal, AttentionDropout.NONE);
  }

  private AttentionPass pass(DType dtype, boolean causal, AttentionDropout dropout) {
    return new AttentionPass(
        normal("queries", dtype, POSITIONS, DIMS),
        normal("keys", dtype, POSITIONS, DIMS),
        normal("values", dtype, POSITIONS, DIMS),
        arena.ints("offsets", OFFSETS, OFFSETS.length),
        new AttentionForm(HEADS, causal),
        dropout,
        output(dtype, POSITIONS, DIMS),
        output(dtype, POSITIONS, HEADS));
  }

  /** The definition, one score after another, in double precision. */
  private static final class Naive {
    private static final int WIDE = DIMS / HEADS;

    private final double[] q;
    private final double[] k;
    private final double[] v;
    private final boolean causal;
    private final AttentionDropout dropout;
    private final int[] rows;
    private final double[] out = new double[POSITIONS * DIMS];
    private final double[] logSums = new double[POSITIONS * HEADS];
    private final double[] dQ = new double[POSITIONS * DIMS];
    private final double[] dK = new double[POSITIONS * DIMS];
    private final double[] dV = new double[POSITIONS * DIMS];

    Naive(AttentionPass pass) {
      q = pass.queries().toDoubles();
      k = pass.keys().toDoubles();
      v = pass.values().toDoubles();
      causal = pass.form().causal();
      dropout = pass.dropout();
      rows = dropout.probability() == 0 ? null : dropout.rows().toInts();
      each(
          (i, head, from, p) -> {
            double[] kept = kept(i, head, p.length);
            for (int j = 0; j < p.length; j++) {
              for (int d = 0; d < WIDE; d++) {
                out[at(i, head, d)] += kept[j] * p[j] * v[at(from + j, head, d)];
              }
            }
          });
    }

    void backward(double[] dOut) {
      each(
          (i, head, from, p) -> {
            double[] kept = kept(i, head, p.length);
            double[] dP = new double[p.length];
            double mean = 0;
            for (int j = 0; j < p.length; j++) {
              for (int d = 0; d < WIDE; d++) {
                dP[j] += kept[j] * dOut[at(i, head, d)] * v[at(from + j, head, d)];
                dV[at(from + j, head, d)] += kept[j] * p[j] * dOut[at(i, head, d)];
              }
              mean += p[j] * dP[j];
            }
            for (int j = 0; j < p.length; j++) {
              double dS = p[j] * (dP[j] - mean) / Math.sqrt(WIDE);
              for (int d = 0; d < WIDE; d++) {
                dQ[at(i, head, d)] += dS * k[at(from + j, head, d)];
                dK[at(from + j, head, d)] += dS * q[at(i, head, d)];
              }
            }
          });
    }

    /** The rule as {@link AttentionDropout} states it. */
    private double[] kept(int row, int head, int keys) {
      double[] kept = new double[keys];
      double probability = dropout.probability();
      long global = rows == null ? 0 : rows[row];
      for (int j = 0; j < keys; j++) {
        boolean keep =
            probability == 0
                || Integer.toUnsignedLong(
                        dropout.stream().intAt((global * HEADS + head) * (1L << 20) + j))
                    >= probability * 0x1p32;
        kept[j] = keep ? 1 / (1 - probability) : 0;
      }
      return kept;
    }

    private interface Probabilities {
      void of(int query, int head, int from, double[] probabilities);
    }

    private void each(Probabilities work) {
      for (int b = 0; b + 1 < OFFSETS.length; b++) {
        for (int i = OFFSETS[b]; i < OFFSETS[b + 1]; i++) {
          for (int head = 0; head < HEADS; head++) {
            int seen = (causal ? i + 1 : OFFSETS[b + 1]) - OFFSETS[b];
            double[] p = new double[seen];
            double sum = 0;
            for (int j = 0; j < seen; j++) {
              double score = 0;
              for (int d = 0; d < WIDE; d++) {
                score += q[at(i, head, d)] * k[at(OFFSETS[b] + j, head, d)];
              }
              p[j] = Math.exp(score / Math.sqrt(WIDE));
              sum += p[j];
            }
            for (int j = 0; j < seen; j++) {
              p[j] /= sum;
            }
            logSums[i * HEADS + head] = Math.log(sum);
            work.of(i, head, OFFSETS[b], p);
          }
        }
      }
    }

    private static int at(int position, int head, int d) {
      return position * DIMS + head * WIDE + d;
    }
  }
}
