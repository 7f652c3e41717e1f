package io.batchwright.jobs.mine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;

/** A query with the texts of its positives and negatives, as FlagEmbedding's training files. */
final class FlagEmbeddingLines implements PairWriter {
  private final boolean scores;

  FlagEmbeddingLines(boolean scores) {
    this.scores = scores;
  }

  @Override
  public String pair(MinedPair pair, LineFiles files) throws IOException {
    if (pair.negatives().isEmpty()) {
      return "no_negative"; // the trainer draws from an empty list and fails
    }
    ObjectNode line = JsonNodeFactory.instance.objectNode().put("query", pair.query());
    texts(line.putArray("pos"), pair.positives());
    texts(line.putArray("neg"), pair.negatives());
    if (scores) {
      scores(line.putArray("pos_scores"), pair.positives());
      scores(line.putArray("neg_scores"), pair.negatives());
    }
    files.json(mainFile(), line);
    return "";
  }

  private static void texts(ArrayNode array, List<MinedPair.Text> texts) {
    texts.forEach(text -> array.add(text.text()));
  }

  private static void scores(ArrayNode array, List<MinedPair.Text> texts) {
    texts.forEach(text -> array.add(text.score()));
  }
}
