package io.batchwright.train.evaluation;

import io.batchwright.kernel.Backend;
import java.util.function.Function;

/**
 * A dual encoder as a system of an evaluation: exact search over its vectors.
 *
 * @param backend multiplies; the caller closes it
 * @param embedding makes the vectors of a task
 */
public record DenseSystem(Backend backend, Function<RetrievalTask, TaskEmbedding> embedding)
    implements RankingSystem {
  @Override
  public Rankings rank(RetrievalTask task, int depth) {
    TaskEmbedding vectors = embedding.apply(task);
    return DenseSearch.DEFAULTS.search(
        backend, task.queries(), vectors.queries(), task.documents(), vectors::documents, depth);
  }
}
