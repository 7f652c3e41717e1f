package io.batchwright.jobs.mine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;

/**
 * Lines that {@code datasets.load_dataset("json", ...)} reads for sentence-transformers' losses.
 */
final class SentenceTransformersLines implements PairWriter {
  private static final String FILE = "train.jsonl";

  private final ExportRecipe recipe;

  SentenceTransformersLines(ExportRecipe recipe) {
    this.recipe = recipe;
  }

  @Override
  public String pair(MinedPair pair, LineFiles files) throws IOException {
    return switch (recipe.shape()) {
      case TRIPLET -> triplets(pair, files);
      case N_TUPLE -> tuples(pair, files);
      case LABELED_PAIR -> labeledPairs(pair, files);
      case LABELED_LIST -> labeledLists(pair, files);
    };
  }

  private String triplets(MinedPair pair, LineFiles files) throws IOException {
    for (MinedPair.Text positive : pair.positives()) {
      for (MinedPair.Text negative : pair.negatives()) {
        ObjectNode line = anchor(pair).put("positive", positive.text());
        line.put("negative", negative.text());
        if (recipe.scores()) {
          line.putArray("scores").add(positive.score()).add(negative.score());
        }
        files.json(FILE, line);
      }
    }
    return pair.negatives().isEmpty() ? "no_negative" : "";
  }

  private String tuples(MinedPair pair, LineFiles files) throws IOException {
    if (pair.negatives().size() < recipe.negatives()) {
      return "too_few_negatives";
    }
    List<MinedPair.Text> negatives = pair.negatives().subList(0, recipe.negatives());
    for (MinedPair.Text positive : pair.positives()) {
      ObjectNode line = anchor(pair).put("positive", positive.text());
      for (int i = 0; i < negatives.size(); i++) {
        line.put("negative_" + (i + 1), negatives.get(i).text());
      }
      if (recipe.scores()) {
        ArrayNode scores = line.putArray("scores").add(positive.score());
        negatives.forEach(negative -> scores.add(negative.score()));
      }
      files.json(FILE, line);
    }
    return "";
  }

  private String labeledPairs(MinedPair pair, LineFiles files) throws IOException {
    for (MinedPair.Text positive : pair.positives()) {
      files.json(FILE, labeled(pair, positive, 1));
    }
    for (MinedPair.Text negative : pair.negatives()) {
      files.json(FILE, labeled(pair, negative, 0));
    }
    return "";
  }

  private ObjectNode labeled(MinedPair pair, MinedPair.Text text, int label) {
    ObjectNode line = anchor(pair).put("positive", text.text());
    return recipe.scores() ? line.put("score", text.score()) : line.put("label", label);
  }

  private String labeledLists(MinedPair pair, LineFiles files) throws IOException {
    if (pair.negatives().isEmpty()) {
      return "no_negative";
    }
    for (MinedPair.Text positive : pair.positives()) {
      ObjectNode line = anchor(pair);
      ArrayNode texts = line.putArray("positive").add(positive.text());
      pair.negatives().forEach(negative -> texts.add(negative.text()));
      if (recipe.scores()) {
        ArrayNode scores = line.putArray("scores").add(positive.score());
        pair.negatives().forEach(negative -> scores.add(negative.score()));
      } else {
        ArrayNode labels = line.putArray("labels").add(1);
        pair.negatives().forEach(negative -> labels.add(0));
      }
      files.json(FILE, line);
    }
    return "";
  }

  private static ObjectNode anchor(MinedPair pair) {
    return JsonNodeFactory.instance.objectNode().put("anchor", pair.query());
  }
}
