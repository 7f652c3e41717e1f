package io.batchwright.jobs.mine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;

/** A query with its passages, as tevatron's training files have it. */
final class TevatronLines implements PairWriter {
  @Override
  public String pair(MinedPair pair, LineFiles files) throws IOException {
    if (pair.negatives().isEmpty()) {
      return "no_negative"; // the trainer draws from an empty list and fails
    }
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("query_id", pair.queryId()).put("query", pair.query());
    passages(line.putArray("positive_passages"), pair.positives());
    passages(line.putArray("negative_passages"), pair.negatives());
    files.json(mainFile(), line);
    return "";
  }

  private static void passages(ArrayNode array, List<MinedPair.Text> texts) {
    for (MinedPair.Text text : texts) {
      array.addObject().put("docid", text.id()).put("title", "").put("text", text.text());
    }
  }
}
