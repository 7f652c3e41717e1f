package io.batchwright.jobs.corpus;

import io.batchwright.data.token.TextIds;
import io.batchwright.jobs.run.RunTables;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * The token ids that a run committed for its documents, read without a Spark session: what {@link
 * CorpusTexts} would be tokenized to again.
 *
 * @param tokenizerSha256 of the tokenizer.json that made them
 * @param byDocument token ids by doc_id; a document that the run cut at its longest length is not
 *     among them
 */
public record RunTokens(String tokenizerSha256, Map<String, int[]> byDocument) {
  /** Nothing is known. */
  public static final RunTokens NONE = new RunTokens("", Map.of());

  private static final MessageType TEXTS =
      MessageTypeParser.parseMessageType(
          "message texts { required int64 text_id; required binary kind (STRING);"
              + " optional binary id (STRING); }");
  private static final MessageType TOKENS =
      MessageTypeParser.parseMessageType(
          "message tokens { required int64 text_id; required group tokens (LIST) {"
              + " repeated group list { required int32 element; } }"
              + " required binary tokenizer_sha256 (STRING); required int32 truncated; }");

  /** The tokens of the run in {@code path}; none where no run stands there or it has no tokens. */
  public static RunTokens read(String path, Configuration hadoop) throws IOException {
    Optional<RunTables> run = RunTables.of(path, hadoop);
    if (run.isEmpty() || !run.get().has("texts") || !run.get().has("tokens")) {
      return NONE;
    }
    String[] tokenizer = {""};
    Map<Long, int[]> byText = new HashMap<>();
    each(
        run.get(),
        "tokens",
        TOKENS,
        hadoop,
        row -> {
          tokenizer[0] = row.getString("tokenizer_sha256", 0);
          if (row.getInteger("truncated", 0) == 0) {
            byText.put(row.getLong("text_id", 0), ids(row.getGroup("tokens", 0)));
          }
        });
    Map<String, int[]> byDocument = new HashMap<>();
    each(
        run.get(),
        "texts",
        TEXTS,
        hadoop,
        row -> {
          int[] tokens = byText.get(row.getLong("text_id", 0));
          if (tokens != null && row.getString("kind", 0).equals(TextIds.DOCUMENT)) {
            byDocument.put(row.getString("id", 0), tokens);
          }
        });
    return new RunTokens(tokenizer[0], byDocument);
  }

  private static int[] ids(Group list) {
    int[] ids = new int[list.getFieldRepetitionCount(0)];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = list.getGroup(0, i).getInteger(0, 0);
    }
    return ids;
  }

  private static void each(
      RunTables run, String table, MessageType columns, Configuration hadoop, Consumer<Group> row)
      throws IOException {
    Configuration projected = new Configuration(hadoop);
    projected.set(ReadSupport.PARQUET_READ_SCHEMA, columns.toString());
    for (Path file : run.files(table)) {
      try (ParquetReader<Group> reader =
          ParquetReader.builder(new GroupReadSupport(), file).withConf(projected).build()) {
        for (Group read = reader.read(); read != null; read = reader.read()) {
          row.accept(read);
        }
      }
    }
  }
}
