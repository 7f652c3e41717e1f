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
 * @param query before queries; empty for nothing
 * @param document before documents; empty for nothing
 */
public record Prompts(String query, String document) implements Serializable {
  /** Texts stand as they are, or behind the prompts of the folder that training goes on from. */
  public static final Prompts DEFAULTS = new Prompts("", "");

  /** The recipe's; where it has none, those of the folder that its model goes on from. */
  static Prompts of(PipelineRecipe recipe) {
    return of(recipe, recipe.train().model().startsFrom());
  }

  /** {@link #of(PipelineRecipe)}, with that folder already open. */
  static Prompts of(PipelineRecipe recipe, Optional<PretrainedFolder> startsFrom) {
    Prompts own = recipe.tokens().prompts();
    return own.any() ? own : startsFrom.map(Prompts::of).orElse(own);
  }

  private static Prompts of(PretrainedFolder folder) {
    Map<String, String> given = folder.prompts();
    return new Prompts(
        given.getOrDefault("query", ""),
        given.getOrDefault("document", given.getOrDefault("passage", "")));
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
