package io.batchwright.jobs.mine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** A BEIR folder of what occurs in pairs, and the negatives by id. */
final class BeirFiles implements PairWriter {
  private static final String QRELS = "qrels/train.tsv";

  @Override
  public String mainFile() {
    return "hard-negatives.jsonl";
  }

  @Override
  public boolean wantsDocuments() {
    return true;
  }

  @Override
  public void start(LineFiles files) throws IOException {
    files.line(QRELS, "query-id\tcorpus-id\tscore");
  }

  @Override
  public void document(MinedPair.Text document, LineFiles files) throws IOException {
    files.json(
        "corpus.jsonl",
        object().put("_id", document.id()).put("title", "").put("text", document.text()));
  }

  @Override
  public String pair(MinedPair pair, LineFiles files) throws IOException {
    files.json("queries.jsonl", object().put("_id", pair.queryId()).put("text", pair.query()));
    ObjectNode line = object().put("qid", pair.queryId());
    ArrayNode positives = line.putArray("pos");
    for (MinedPair.Text positive : pair.positives()) {
      files.line(QRELS, pair.queryId() + "\t" + positive.id() + "\t1");
      positives.add(positive.id());
    }
    ArrayNode negatives = line.putObject("neg").putArray("mined");
    pair.negatives().forEach(negative -> negatives.add(negative.id()));
    files.json(mainFile(), line);
    return "";
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
