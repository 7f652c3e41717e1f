package io.batchwright.jobs.corpus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.data.corpus.ZstandardLines;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.run.RunTables;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * The documents of a corpus in memory, read without a Spark session: the table documents of a run,
 * or Parquet or JSON lines files that have ids and texts.
 *
 * <p>Nothing is quarantined here: a line that is no JSON object stops the reading, and a document
 * without a text counts in {@link #withoutText}.
 *
 * @param ids the id of each document; its place in the corpus where the corpus has no ids
 * @param texts parallel to {@code ids}
 * @param withoutText documents that were left out because they have no text
 */
public record CorpusTexts(List<String> ids, List<String> texts, long withoutText) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> ID_NAMES = List.of("doc_id", "_id", "id", "docid");
  private static final List<String> TEXT_NAMES = List.of("text", "content", "contents", "body");

  /**
   * Reads the corpus at {@code path}.
   *
   * @throws BatchwrightException with exit code 2 if it is no corpus, 3 if it is empty or damaged
   */
  public static CorpusTexts read(String path, Configuration hadoop) throws IOException {
    Collected found = new Collected();
    Optional<RunTables> run = RunTables.of(path, hadoop);
    if (run.isPresent()) {
      for (Path file : run.get().files("documents")) {
        parquet(file, hadoop, found);
      }
    } else {
      CorpusPath corpus = CorpusPath.of(path, hadoop);
      for (Path file : corpus.files()) {
        switch (corpus.format()) {
          case PARQUET -> parquet(file, hadoop, found);
          case JSON_LINES -> lines(file, hadoop, found);
          case BEIR -> {
            if (file.getName().startsWith("corpus.jsonl")) {
              lines(file, hadoop, found);
            }
          }
          case TEXT ->
              throw BatchwrightException.usage(
                  path
                      + " is plain text, which has no ids; search reads Parquet, JSON lines, a BEIR"
                      + " folder, or the folder of a run.");
        }
      }
    }
    if (found.ids.isEmpty()) {
      throw BatchwrightException.data(path + " is empty: it holds no document with a text.");
    }
    return new CorpusTexts(found.ids, found.texts, found.withoutText);
  }

  private static void parquet(Path file, Configuration hadoop, Collected found) throws IOException {
    Configuration projected = new Configuration(hadoop);
    MessageType schema;
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(file, hadoop))) {
      schema = reader.getFooter().getFileMetaData().getSchema();
    } catch (IOException | RuntimeException e) {
      throw BatchwrightException.data(file + " cannot be read as Parquet: " + e.getMessage(), e);
    }
    String text = column(schema, TEXT_NAMES).orElseThrow(() -> noText(file, schema));
    Optional<String> id = column(schema, ID_NAMES);
    List<Type> wanted = new ArrayList<>();
    id.ifPresent(name -> wanted.add(schema.getType(name)));
    wanted.add(schema.getType(text));
    projected.set(
        ReadSupport.PARQUET_READ_SCHEMA, new MessageType(schema.getName(), wanted).toString());
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), file).withConf(projected).build()) {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        found.add(id.map(value(row)).orElse(null), value(row).apply(text));
      }
    }
  }

  private static java.util.function.Function<String, String> value(Group row) {
    return name ->
        row.getFieldRepetitionCount(name) == 0
            ? null
            : row.getValueToString(row.getType().getFieldIndex(name), 0);
  }

  private static Optional<String> column(MessageType schema, List<String> names) {
    return names.stream()
        .filter(name -> schema.containsField(name) && schema.getType(name).isPrimitive())
        .findFirst();
  }

  private static BatchwrightException noText(Path file, MessageType schema) {
    return BatchwrightException.usage(
        "%s has no column named %s. It has: %s."
            .formatted(
                file,
                String.join(", ", TEXT_NAMES),
                String.join(", ", schema.getFields().stream().map(Type::getName).toList())));
  }

  private static void lines(Path file, Configuration hadoop, Collected found) throws IOException {
    long number = 0;
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                decompressed(file.getFileSystem(hadoop).open(file), file, hadoop),
                StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        number++;
        if (!line.isBlank()) {
          JsonNode document = object(line, file, number);
          found.add(
              field(document, ID_NAMES).map(JsonNode::asText).orElse(null),
              field(document, TEXT_NAMES)
                  .filter(node -> !node.isNull())
                  .map(JsonNode::asText)
                  .map(text -> titled(document, text))
                  .orElse(null));
        }
      }
    }
  }

  /** BEIR documents carry a title beside their text. */
  private static String titled(JsonNode document, String text) {
    String title = document.path("title").asText("");
    return title.isBlank() ? text : title + " " + text;
  }

  private static JsonNode object(String line, Path file, long number) {
    try {
      JsonNode node = JSON.readTree(line);
      if (node != null && node.isObject()) {
        return node;
      }
    } catch (JsonProcessingException e) {
      throw BatchwrightException.data(
          "%s:%d is not a JSON object: %s".formatted(file, number, e.getOriginalMessage()), e);
    }
    throw BatchwrightException.data("%s:%d is not a JSON object.".formatted(file, number));
  }

  private static Optional<JsonNode> field(JsonNode document, List<String> names) {
    return names.stream().filter(document::has).map(document::get).findFirst();
  }

  private static InputStream decompressed(InputStream in, Path file, Configuration hadoop)
      throws IOException {
    if (file.getName().endsWith(".zst")) {
      return new ZstandardLines().createInputStream(in);
    }
    CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(file);
    return codec == null ? in : codec.createInputStream(in);
  }

  private static final class Collected {
    private final List<String> ids = new ArrayList<>();
    private final List<String> texts = new ArrayList<>();
    private long withoutText;

    void add(String id, String text) {
      if (text == null || text.isBlank()) {
        withoutText++;
        return;
      }
      ids.add(id == null ? "document " + (ids.size() + 1) : id);
      texts.add(text);
    }
  }
}
