package io.batchwright.train.step;

import io.batchwright.data.batch.KnownPositives;
import io.batchwright.data.batch.RoleBatch;
import io.batchwright.data.batch.StepBatch;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.collective.Collective;
import io.batchwright.train.collective.GatherRows;
import io.batchwright.train.collective.ReduceOp;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.loss.EmbeddingPairs;
import io.batchwright.train.loss.GatheredNegatives;
import io.batchwright.train.loss.GatheredPairs;
import io.batchwright.train.loss.KnownAnswers;
import io.batchwright.train.loss.Loss;
import io.batchwright.train.loss.LossInput;
import io.batchwright.train.loss.Teaching;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a loss reads, gathered from all ranks column by column. Scores and guide vectors travel only
 * for a loss that needs them.
 */
final class PairGathering {
  static final String QUERY = "query";
  static final String POSITIVE = "positive";
  static final String NEGATIVE = "negative";

  private final Collective ranks;
  private final Loss loss;

  PairGathering(Collective ranks, Loss loss) {
    this.ranks = ranks;
    this.loss = loss;
  }

  /**
   * The pairs of the global batch.
   *
   * @param encode gives the embeddings of a role's texts, in their order
   */
  EmbeddingPairs gather(Graph g, StepBatch batch, Function<String, Variable> encode) {
    Variable queries = encode.apply(QUERY); // [b, D]
    Variable positives = encode.apply(POSITIVE); // [b, D]
    int[] rows = ranks.allGather(batch.size());
    boolean mined = batch.roles().containsKey(NEGATIVE); // the same on every rank
    int each = mined ? perSample(batch) : 0;
    int[] minedRows = Arrays.stream(rows).map(count -> count * each).toArray();
    Optional<GatheredNegatives> negatives =
        mined ? Optional.of(negatives(g, batch, encode, minedRows, each)) : Optional.empty();
    GatheredPairs all =
        new GatheredPairs(
            GatherRows.apply(g, ranks, queries, rows),
            GatherRows.apply(g, ranks, positives, rows),
            ranks.allGather(batch.role(POSITIVE).textIds(), rows),
            ranks.allGather(batch.equalHash(), rows),
            answers(batch, rows),
            negatives,
            new Teaching(guide(g, batch, rows, minedRows), scores(g, batch, rows, minedRows)));
    int offset = Arrays.stream(rows, 0, ranks.rank()).sum();
    return new EmbeddingPairs(queries, positives, offset, all);
  }

  /** Known positives of all pairs, where the shards hold them. */
  private KnownAnswers answers(StepBatch batch, int[] rows) {
    KnownPositives own = batch.knownPositives();
    if (!own.present()) { // the same on every rank
      return KnownAnswers.NONE;
    }
    int[] sizes = ranks.allGather(own.textIds().length);
    return KnownAnswers.of(
        ranks.allGather(own.counts(), rows), ranks.allGather(own.textIds(), sizes));
  }

  /** Negatives of each sample; a rank without samples learns it from the others. */
  private int perSample(StepBatch batch) {
    double[] each = {batch.size() == 0 ? 0 : batch.role(NEGATIVE).sequences() / batch.size()};
    ranks.allReduce(each, ReduceOp.MAX);
    return (int) each[0];
  }

  private GatheredNegatives negatives(
      Graph g, StepBatch batch, Function<String, Variable> encode, int[] rows, int each) {
    long[] ids = ranks.allGather(batch.role(NEGATIVE).textIds(), rows);
    int[] owners = new int[ids.length];
    Arrays.setAll(owners, k -> k / each);
    Variable vectors = GatherRows.apply(g, ranks, encode.apply(NEGATIVE), rows); // [M, D]
    return new GatheredNegatives(vectors, ids, owners);
  }

  private Optional<Teaching.Guide> guide(Graph g, StepBatch batch, int[] rows, int[] minedRows) {
    if (!loss.needs().contains(LossInput.GUIDE)) {
      return Optional.empty();
    }
    double[] dims = {batch.role(QUERY).guideDims()};
    ranks.allReduce(dims, ReduceOp.MAX);
    if (dims[0] == 0) {
      return Optional.empty();
    }
    int width = (int) dims[0];
    RoleBatch negatives = batch.roles().get(NEGATIVE);
    return Optional.of(
        new Teaching.Guide(
            column(g, batch.role(QUERY).guide(), width, rows),
            column(g, batch.role(POSITIVE).guide(), width, rows),
            column(g, negatives == null ? new float[0] : negatives.guide(), width, minedRows)));
  }

  private Optional<Teaching.Scores> scores(Graph g, StepBatch batch, int[] rows, int[] minedRows) {
    if (!loss.needs().contains(LossInput.TEACHER_SCORES)) {
      return Optional.empty();
    }
    double[] judged = {batch.role(POSITIVE).scores().length};
    ranks.allReduce(judged);
    if (judged[0] == 0) {
      return Optional.empty();
    }
    RoleBatch negatives = batch.roles().get(NEGATIVE);
    float[] ofNegatives = negatives == null ? new float[0] : negatives.scores();
    return Optional.of(
        new Teaching.Scores(
            column(g, batch.role(POSITIVE).scores(), 1, rows).toDoubles(),
            column(g, ofNegatives, 1, minedRows).toDoubles()));
  }

  /** Numbers of all ranks, [sum of rows, width]. */
  private Tensor column(Graph g, float[] own, int width, int[] rows) {
    Tensor local = g.arena().allocate("column", DType.F32, rows[ranks.rank()], width);
    local.copyFrom(own);
    if (ranks.world() == 1) {
      return local;
    }
    Tensor all = g.arena().allocate("column", DType.F32, Arrays.stream(rows).sum(), width);
    ranks.allGather(local, all, rows);
    return all;
  }
}
