package io.batchwright.train.step;

import io.batchwright.data.batch.RoleBatch;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.model.ForwardPass;
import io.batchwright.train.model.ModelInstance;
import io.batchwright.train.model.TextBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Encodes the texts of a role, all at once or in chunks whose activations are computed again on the
 * way back.
 *
 * @param textsAtOnce of a chunk; 0: all
 * @param step holds tokens until the end of the step
 */
record RoleEncoding(ModelInstance model, int textsAtOnce, Arena step) {

  /** The vectors of {@code texts}, [S, D]. */
  Variable encode(Graph g, RoleBatch texts, ForwardPass pass) {
    int count = texts.sequences();
    if (!pass.training() || textsAtOnce == 0 || count <= textsAtOnce) {
      return model.encode(g, packed(texts, 0, count), pass);
    }
    Tensor nothing = step.allocate("no input", DType.F32, 1);
    nothing.copyFrom(new float[1]);
    List<Variable> chunks = new ArrayList<>();
    for (int first = 0; first < count; first += textsAtOnce) {
      int end = Math.min(count, first + textsAtOnce);
      TextBatch chunk = packed(texts, first, end);
      ForwardPass part = pass.of(first, end);
      chunks.add(
          g.recompute(
              "encode chunk",
              g.constant(nothing),
              (inner, none) -> model.encode(inner, chunk, part)));
    }
    return g.concatRows(chunks);
  }

  private TextBatch packed(RoleBatch texts, int first, int end) {
    int[] offsets = Arrays.copyOfRange(texts.cuSeqlens(), first, end + 1);
    int from = offsets[0];
    int[] tokens = Arrays.copyOfRange(texts.tokens(), from, offsets[offsets.length - 1]);
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] -= from;
    }
    return new TextBatch(step.ints("tokens", tokens), step.ints("cu_seqlens", offsets));
  }
}
