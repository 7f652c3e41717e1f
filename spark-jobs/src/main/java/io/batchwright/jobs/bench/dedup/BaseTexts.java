package io.batchwright.jobs.bench.dedup;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.jobs.bench.Bench;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/** Real texts to plant in: Java sources, and the prose of multisource where it is there. */
final class BaseTexts {
  private static final int MINIMUM_CHARACTERS = 4_000;
  private static final int MAXIMUM_CHARACTERS = 60_000;

  private BaseTexts() {}

  /** Twice {@code count} texts or as many as there are, the same for the same seed. */
  static List<String> of(Bench bench, int count) {
    List<String> texts = new ArrayList<>();
    ExtraData data = ExtraData.of(bench);
    if (data.hasMultisource()) {
      texts.addAll(chosen(data.multisource().where("source not like 'bible%'"), bench, count / 2));
    }
    Dataset<Row> sources =
        bench
            .spark()
            .read()
            .parquet(Corpora.sources(bench, 1))
            .where("source not like 'fastutil%'");
    texts.addAll(chosen(sources, bench, 2 * count - texts.size()));
    return texts;
  }

  private static List<String> chosen(Dataset<Row> documents, Bench bench, int count) {
    return documents
        .where(length(col("text")).between(MINIMUM_CHARACTERS, MAXIMUM_CHARACTERS))
        .orderBy(xxhash64(lit(bench.recipe().seed()), col("doc_id")), col("doc_id"))
        .limit(count)
        .select("text")
        .as(Encoders.STRING())
        .collectAsList();
  }
}
