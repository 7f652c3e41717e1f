package io.batchwright.train.graph;

import io.batchwright.kernel.Arguments;
import io.batchwright.kernel.AttentionDropout;
import io.batchwright.kernel.AttentionForm;
import io.batchwright.kernel.AttentionGradients;
import io.batchwright.kernel.AttentionPass;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Operations of encoders of sequences, and their backward functions. */
final class SequenceOperations {
  private SequenceOperations() {}

  static Variable attention(
      Graph g,
      Variable q,
      Variable k,
      Variable v,
      Tensor cuSeqlens,
      AttentionForm form,
      AttentionDropout dropout) {
    Tensor out = g.allocate("attention", q.value());
    int positions = q.shape().dim(0);
    Tensor logSums =
        g.allocate(
            "attention.logSums",
            Arguments.computed(out.dtype()),
            Shape.of(positions, form.heads()));
    g.backend()
        .attention(
            new AttentionPass(
                q.value(), k.value(), v.value(), cuSeqlens, form, dropout, out, logSums),
            g.arena());
    Supplier<Tensor> savedQ = g.save(q);
    Supplier<Tensor> savedK = g.save(k);
    Supplier<Tensor> savedV = g.save(v);
    Supplier<Tensor> savedOut = g.save(out);
    Supplier<Tensor> savedLogSums = g.save(logSums);
    AttentionGradients[] gradients = new AttentionGradients[1];
    // The three gradients come of one call, whichever is asked for first.
    Shared shared =
        d -> {
          if (gradients[0] == null) {
            AttentionPass pass =
                new AttentionPass(
                    savedQ.get(),
                    savedK.get(),
                    savedV.get(),
                    cuSeqlens,
                    form,
                    dropout,
                    savedOut.get(),
                    savedLogSums.get());
            gradients[0] =
                new AttentionGradients(
                    g.allocate("attention.dQueries", out),
                    g.allocate("attention.dKeys", out),
                    g.allocate("attention.dValues", out));
            g.backend().attentionBackward(pass, d, gradients[0], g.arena());
          }
          return gradients[0];
        };
    return g.custom(
        "attention",
        out,
        List.of(
            new Edge(q, Pullback.making(d -> shared.of(d).dQueries())),
            new Edge(k, Pullback.making(d -> shared.of(d).dKeys())),
            new Edge(v, Pullback.making(d -> shared.of(d).dValues()))));
  }

  private interface Shared {
    AttentionGradients of(Tensor outputGradient);
  }

  static Variable layerNorm(Graph g, Variable x, Variable gain, Variable bias, double epsilon) {
    Tensor out = g.allocate("layerNorm", x.value());
    Tensor statistics = statistics(g, x.value(), gain);
    g.backend().layerNorm(x.value(), gain.value(), bias.value(), epsilon, statistics, out);
    return layerNorm(g, x, gain, bias, statistics, out);
  }

  /** Two operations on the tape, whose results come of one call. */
  static Variable layerNorm(Graph g, RowSum x, Variable gain, Variable bias, double epsilon) {
    if (!x.joinsAPass()) {
      return layerNorm(g, x.variable(), gain, bias, epsilon);
    }
    Tensor sum = x.allocate();
    Tensor out = g.allocate("layerNorm", sum);
    Tensor statistics = statistics(g, sum, gain);
    g.backend()
        .addLayerNorm(x.addends(), gain.value(), bias.value(), epsilon, sum, statistics, out);
    return layerNorm(g, x.computed(sum), gain, bias, statistics, out);
  }

  private static Tensor statistics(Graph g, Tensor x, Variable gain) {
    return g.allocate("layerNorm.statistics", gain.value().dtype(), Shape.of(x.shape().dim(0), 2));
  }

  /** The operation whose results have been computed. */
  private static Variable layerNorm(
      Graph g, Variable x, Variable gain, Variable bias, Tensor statistics, Tensor out) {
    Supplier<Tensor> savedX = g.save(x);
    Supplier<Tensor> savedStatistics = g.save(statistics);
    Tensor[] gradients = new Tensor[3];
    Consumer<Tensor> all =
        d -> {
          if (gradients[0] == null) {
            gradients[0] = g.allocate("layerNorm.dIn", out);
            gradients[1] = g.allocate("layerNorm.dGain", gain.value());
            gradients[2] = g.allocate("layerNorm.dBias", bias.value());
            g.backend()
                .layerNormBackward(
                    savedX.get(),
                    gain.value(),
                    savedStatistics.get(),
                    d,
                    gradients[0],
                    gradients[1],
                    gradients[2]);
          }
        };
    return g.custom(
        "layerNorm",
        out,
        List.of(
            new Edge(x, part(all, gradients, 0)),
            new Edge(gain, part(all, gradients, 1)),
            new Edge(bias, part(all, gradients, 2))));
  }

  private static Pullback part(Consumer<Tensor> all, Tensor[] gradients, int index) {
    return Pullback.making(
        d -> {
          all.accept(d);
          return gradients[index];
        });
  }

  static Variable dropout(
      Graph g, Variable x, RandomStream stream, Tensor rows, double probability) {
    if (probability == 0) {
      return x;
    }
    return g.custom(
        "dropout",
        dropped(g, x.value(), stream, rows, probability),
        x,
        d -> dropped(g, d, stream, rows, probability));
  }

  private static Tensor dropped(
      Graph g, Tensor in, RandomStream stream, Tensor rows, double probability) {
    Tensor out = g.allocate("dropout", in);
    g.backend().dropout(in, stream, rows, probability, out);
    return out;
  }

  static Variable embedding(Graph g, Parameter table, Tensor tokens) {
    if (table.isReparametrized()) {
      return RowOperations.gather(g, g.parameter(table), tokens);
    }
    Tensor weight = table.valueForRows(tokens);
    Tensor out =
        g.allocate(
            "embedding", weight.dtype(), Shape.of(tokens.shape().dim(0), weight.shape().dim(1)));
    g.backend().gatherRows(weight, tokens, out);
    if (table.frozen()) {
      return g.constant(out);
    }
    g.parameterGradients().readsRows(table);
    return g.sink("embedding", out, d -> addToRows(g, table, tokens, d));
  }

  /** The gradient of the rows of a table goes to the table. */
  static void addToRows(Graph g, Parameter table, Tensor tokens, Tensor d) {
    g.parameterGradients().add(table, new RowSparse(tokens, d));
  }

  static Variable poolNormalize(Graph g, Variable x, Tensor cuSeqlens) {
    int sequences = cuSeqlens.shape().dim(0) - 1;
    DType dtype = x.value().dtype();
    Tensor out = g.allocate("poolNormalize", dtype, Shape.of(sequences, x.shape().dim(1)));
    Tensor norms = g.allocate("norms", dtype, Shape.of(sequences));
    g.backend().poolNormalize(x.value(), cuSeqlens, norms, out);
    Supplier<Tensor> savedOut = g.save(out);
    Supplier<Tensor> savedNorms = g.save(norms);
    return g.custom(
        "poolNormalize",
        out,
        x,
        d -> {
          Tensor gradient = g.allocate("poolNormalize.gradient", dtype, x.shape());
          g.backend()
              .poolNormalizeBackward(savedOut.get(), savedNorms.get(), cuSeqlens, d, gradient);
          return gradient;
        });
  }

  static Variable segmentMean(Graph g, Variable x, Tensor cuSeqlens) {
    int positions = x.shape().dim(0);
    int[] all = new int[positions];
    for (int i = 0; i < positions; i++) {
      all[i] = i;
    }
    Tensor every = g.allocate("positions", DType.I32, Shape.of(positions));
    every.copyFrom(all);
    int segments = cuSeqlens.shape().dim(0) - 1;
    Tensor out = g.allocate("segmentMean", x.value().dtype(), Shape.of(segments, x.shape().dim(1)));
    g.backend().embeddingBagMean(x.value(), every, cuSeqlens, out);
    // Every position stands in one segment, so the rows of the gradient are all rows in order.
    return g.custom(
        "segmentMean",
        out,
        x,
        d ->
            g.backend()
                .embeddingBagMeanBackward(d, every, cuSeqlens, positions, g.arena())
                .values());
  }
}
