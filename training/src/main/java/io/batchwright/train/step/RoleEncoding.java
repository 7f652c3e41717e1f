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
import java.util.List;

/**
 * Encodes the texts of a role, all at once or in chunks whose activations are computed again on the
 * way back. Where the backend prefers repetition, texts are filled up to a capacity and the vectors
 * of what fills them are left out.
 *
 * @param textsAtOnce of a chunk; 0: all
 * @param step holds tokens until the end of the step
 */
public record RoleEncoding(ModelInstance model, int textsAtOnce, Arena step) {

  /** The vectors of {@code texts}, [S, D]. */
  public Variable encode(Graph g, RoleBatch texts, ForwardPass pass) {
    int count = texts.sequences();
    if (!pass.training() || textsAtOnce == 0 || count <= textsAtOnce) {
      return chunk(g, texts, 0, count, pass).encode(g, model);
    }
    Tensor nothing = step.allocate("no input", DType.F32, 1);
    nothing.copyFrom(new float[1]);
    List<Variable> chunks = new ArrayList<>();
    for (int first = 0; first < count; first += textsAtOnce) {
      int end = Math.min(count, first + textsAtOnce);
      Chunk chunk = chunk(g, texts, first, end, pass.of(first, end));
      chunks.add(
          g.recompute(
              "encode chunk", g.constant(nothing), (inner, none) -> chunk.encode(inner, model)));
    }
    return g.concatRows(chunks);
  }

  private Chunk chunk(Graph g, RoleBatch texts, int first, int end, ForwardPass pass) {
    Texts own = Texts.of(texts, first, end);
    Texts all = g.backend().prefersRepetition() ? own.filled() : own;
    return new Chunk(all.on(step), own.size(), pass.filled(all.size()));
  }

  /**
   * Texts to encode.
   *
   * @param count how many of the batch are wanted, from the first on
   */
  private record Chunk(TextBatch batch, int count, ForwardPass pass) {
    Variable encode(Graph g, ModelInstance model) {
      Variable vectors = model.encode(g, batch, pass);
      return count == batch.size() ? vectors : g.sliceRows(vectors, 0, count);
    }
  }
}
