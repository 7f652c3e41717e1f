package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.token.TextIds;
import io.batchwright.train.model.huggingface.PretrainedFolder;
import java.io.Serializable;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What stands before every text of its kind, in training and wherever the model is used: E5's
 * {@code "query: "} and {@code "passage: "}, or an instruction.
 *
 * @param query before queries; empty for that of the folder that training goes on from, if any
 * @param document before documents; likewise
 */
public record Prompts(String query, String document) implements Serializable {
  /** Texts stand as they are, or behind the prompts of the folder that training goes on from. */
  public static final Prompts DEFAULTS = new Prompts("", "");

  /** The recipe's; where it has not one of them, that of the folder its model goes on from. */
  static Prompts of(PipelineRecipe recipe) {
    return of(recipe, recipe.train().model().startsFrom());
  }

  /** {@link #of(PipelineRecipe)}, with that folder already open. */
  static Prompts of(PipelineRecipe recipe, Optional<PretrainedFolder> startsFrom) {
    Prompts own = recipe.tokens().prompts();
    return startsFrom.map(folder -> own.over(folder.prompts())).orElse(own);
  }

  /** Each of these, or where it is empty that of a folder, which may call a document passage. */
  Prompts over(Map<String, String> folder) {
    return new Prompts(
        query.isEmpty() ? folder.getOrDefault("query", "") : query,
        document.isEmpty()
            ? folder.getOrDefault("document", folder.getOrDefault("passage", ""))
            : document);
  }

  boolean any() {
    return !query.isEmpty() || !document.isEmpty();
  }

  /** As model folders name them; what is empty is left out. */
  Map<String, String> named() {
    Map<String, String> named = new TreeMap<>(Map.of("query", query, "document", document));
    named.values().removeIf(String::isEmpty);
    return named;
  }

  /** {@code texts(kind, text)} behind their prompts. */
  Dataset<Row> before(Dataset<Row> texts) {
    return any()
        ? texts.withColumn(
            "text",
            concat(
                when(col("kind").equalTo(TextIds.QUERY), lit(query)).otherwise(lit(document)),
                coalesce(col("text"), lit(""))))
        : texts;
  }
}
