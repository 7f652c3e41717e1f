package io.batchwright.train.step;

import io.batchwright.data.batch.RoleBatch;
import io.batchwright.data.batch.StepBatch;
import io.batchwright.data.pack.PackedSamples;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.language.TokenHead;
import io.batchwright.train.language.TokenObjective;
import io.batchwright.train.language.TokenTask;
import io.batchwright.train.language.Vocabulary;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.ForwardPass;
import io.batchwright.train.model.Model;
import io.batchwright.train.model.TextBatch;
import io.batchwright.train.model.TokenNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A language model over packed sequences. Attention stays inside of a piece; the loss is the mean
 * over all tokens to be named of the global batch, whatever the ranks hold.
 *
 * <p>Ranks agree on the number of those tokens before anything is computed, in one small sum.
 */
public final class LanguageObjective implements Objective {
  private final TokenObjective objective;
  private final TokenNetwork network;
  private final TokenHead head;
  private final Vocabulary vocabulary;

  private LanguageObjective(
      TokenObjective objective, TokenNetwork network, TokenHead head, Vocabulary vocabulary) {
    this.objective = objective;
    this.network = network;
    this.head = head;
    this.vocabulary = vocabulary;
  }

  /**
   * Builds the network and its head; a model that goes on from a folder takes that of the folder,
   * where it has one.
   *
   * @param random the stream of initial values
   */
  public static LanguageObjective build(
      TokenObjective objective,
      Model model,
      Vocabulary vocabulary,
      ParameterSpace space,
      RandomStream random) {
    objective.require(vocabulary);
    TokenNetwork network = model.network(vocabulary.size(), space, random);
    TokenHead head = objective.head(network, space, random.longAt(1));
    model.startsFrom().ifPresent(folder -> folder.loadHead(head.parameters()));
    return new LanguageObjective(objective, network, head, vocabulary);
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>(network.parameters());
    parameters.addAll(head.parameters());
    return parameters;
  }

  @Override
  public boolean onTokens() {
    return true;
  }

  @Override
  public Share loss(Graph g, StepBatch batch, Pass pass) {
    Pieces pieces = Pieces.of(batch, network.longestText());
    // What is hidden for a validation is the same every time.
    ForwardPass forward =
        new ForwardPass(
            pass.training(),
            pass.seed(),
            pass.training() ? pass.stepsTaken() : batch.step(),
            pass.training() ? PackedSamples.ROLE : "validation",
            pieces.places,
            true);
    TokenTask task = objective.task(pass.step(), pieces.texts(pass.step()), vocabulary, forward);
    double[] count = {task.count()};
    pass.ranks().allReduce(count);
    TextBatch read = task.batch();
    if (g.backend().prefersRepetition()) {
      read = Texts.of(read).filled().on(pass.step()); // no task is about what fills it up
    }
    Variable states = network.states(g, read, forward.filled(read.size())); // [T or more, D]
    Variable loss = head.loss(g, states, task, Math.max(1, (long) count[0]));
    return new Share(loss, task.count());
  }

  /**
   * The pieces of a rank's packed sequences.
   *
   * @param tokens of all pieces, [T]
   * @param offsets where each piece starts, and the end of the last, [S + 1]
   * @param places the number of each piece's first token in the global batch, [S]
   */
  private record Pieces(int[] tokens, int[] offsets, int[] places) {

    static Pieces of(StepBatch batch, int longestText) {
      RoleBatch role = batch.role(PackedSamples.ROLE);
      int[] positionIds = role.positionIds();
      int[] offsets = new int[positionIds.length + 1];
      int[] places = new int[positionIds.length];
      int pieces = 0;
      for (int s = 0; s < role.sequences(); s++) {
        int begins = role.cuSeqlens()[s];
        for (int t = begins; t < role.cuSeqlens()[s + 1]; t++) {
          if (positionIds[t] == 0) {
            offsets[pieces] = t;
            places[pieces++] =
                Math.addExact(Math.multiplyExact(batch.positions()[s], longestText), t - begins);
          }
        }
      }
      offsets[pieces] = positionIds.length;
      return new Pieces(
          role.tokens(), Arrays.copyOf(offsets, pieces + 1), Arrays.copyOf(places, pieces));
    }

    TextBatch texts(Arena step) {
      return new TextBatch(step.ints("tokens", tokens), step.ints("cu_seqlens", offsets));
    }
  }
}
