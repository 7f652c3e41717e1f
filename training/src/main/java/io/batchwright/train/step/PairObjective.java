package io.batchwright.train.step;

import io.batchwright.data.batch.StepBatch;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.loss.EmbeddingPairs;
import io.batchwright.train.loss.Loss;
import io.batchwright.train.model.ForwardPass;
import io.batchwright.train.model.ModelInstance;
import java.util.List;

/** A loss over pairs of texts, each encoded as one vector. */
public final class PairObjective implements Objective {
  private final ModelInstance model;
  private final Loss loss;
  private Variable queries;

  /**
   * A loss over what {@code model} makes of texts.
   *
   * @param loss over the pairs of the global batch
   */
  public PairObjective(ModelInstance model, Loss loss) {
    this.model = model;
    this.loss = loss;
  }

  @Override
  public List<Parameter> parameters() {
    return model.parameters();
  }

  @Override
  public Share loss(Graph g, StepBatch batch, Pass pass) {
    EmbeddingPairs pairs =
        new PairGathering(pass.ranks(), loss)
            .gather(g, batch, role -> encode(g, batch, role, pass));
    queries = pairs.queries();
    return new Share(loss.apply(g, pairs), batch.size());
  }

  @Override
  public boolean onTokens() {
    return false;
  }

  /** The vectors of a batch's texts, [S, D]. */
  Variable encode(Graph g, StepBatch batch, String role, Pass pass) {
    ForwardPass forward =
        pass.training()
            ? new ForwardPass(true, pass.seed(), pass.stepsTaken(), role, batch.places(role))
            : ForwardPass.EVALUATION;
    return new RoleEncoding(model, loss.textsAtOnce(), pass.step())
        .encode(g, batch.role(role), forward);
  }

  /** The vectors of this rank's queries in the last loss, [b, D]. */
  Variable queries() {
    return queries;
  }

  /** The length of the vectors, D. */
  int dims() {
    return model.dims();
  }
}
