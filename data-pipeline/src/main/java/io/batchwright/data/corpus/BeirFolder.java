package io.batchwright.data.corpus;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.data.corpus.CorpusRows.Document;
import io.batchwright.data.corpus.CorpusRows.Place;
import io.batchwright.data.corpus.PairLines.BadLine;
import io.batchwright.technique.Check;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A folder of the BEIR benchmark: {@code corpus.jsonl}, {@code queries.jsonl}, {@code
 * qrels/SPLIT.tsv}, which may be compressed. A document's text is its title and its text; its
 * metadata becomes {@code meta}.
 *
 * <p>The ledger counts documents; queries and judgements stand in it only where they are
 * quarantined.
 *
 * @param path the folder
 * @param qrels the judgements to read, as names below {@code qrels/}; empty for all of them
 * @param heldOut the judgements whose queries are never trained on, as names below {@code qrels/},
 *     such as test; the documents stay in training, as in the published protocol
 * @param compression what the names of the .jsonl files end with: empty, {@code .gz}, {@code .zst}
 *     or {@code .bz2}
 * @param source the value of the column {@code source}; empty for the folder's name
 * @param maximumDocumentBytes a longer line is quarantined as {@code too_large}
 */
public record BeirFolder(
    String path,
    List<String> qrels,
    List<String> heldOut,
    String compression,
    String source,
    long maximumDocumentBytes)
    implements CorpusSource {
  /** All judgements, documents up to 16 MB. */
  public static final BeirFolder DEFAULTS =
      new BeirFolder("beir", List.of(), List.of(), "", "", 16L << 20);

  public BeirFolder {
    Check.notBlank("BeirFolder.path", path);
    Check.oneOf("BeirFolder.compression", compression, "", ".gz", ".zst", ".bz2");
    Check.positive("BeirFolder.maximumDocumentBytes", maximumDocumentBytes);
    qrels = List.copyOf(qrels);
    heldOut = List.copyOf(heldOut);
    Check.that(
        qrels.isEmpty() || qrels.containsAll(heldOut),
        "BeirFolder.heldOut",
        "must be among qrels = " + qrels + ", got " + heldOut);
  }

  @Override
  public boolean holdsOut() {
    return !heldOut.isEmpty();
  }

  @Override
  public String describe() {
    return path;
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    String name = source.isBlank() ? new org.apache.hadoop.fs.Path(path).getName() : source;
    Dataset<Row> rows =
        new PairLines(name, BeirFolder::document)
            .read(spark, path + "/corpus.jsonl" + compression, maximumDocumentBytes)
            .unionByName(
                new PairLines(name, BeirFolder::query)
                    .read(spark, path + "/queries.jsonl" + compression, maximumDocumentBytes));
    heldOut.forEach(split -> InputFiles.require(judgements(split), spark));
    PairLines judgements = new PairLines(name, new Judgements(heldOut));
    for (String split : qrels.isEmpty() ? List.of("*") : qrels) {
      rows = rows.unionByName(judgements.read(spark, judgements(split), maximumDocumentBytes));
    }
    return rows;
  }

  private String judgements(String split) {
    return path + "/qrels/" + split + ".tsv*";
  }

  private static void document(String line, Place place, String source, List<Row> rows)
      throws BadLine {
    JsonNode node = PairLines.object(line);
    String id = PairLines.text(node, "_id");
    String text = PairLines.titled(node);
    if (id.isBlank()) {
      throw new BadLine("missing_column");
    }
    if (text.isBlank()) {
      throw new BadLine("empty_text");
    }
    Map<String, String> meta = new TreeMap<>();
    node.path("metadata")
        .fields()
        .forEachRemaining(f -> meta.put(f.getKey(), f.getValue().asText()));
    rows.add(
        CorpusRows.document(new Document(id, CorpusRows.GIVEN, source, text, meta), place, 1, 0));
  }

  private static void query(String line, Place place, String source, List<Row> rows)
      throws BadLine {
    JsonNode node = PairLines.object(line);
    String id = PairLines.text(node, "_id");
    String text = PairLines.text(node, "text");
    if (id.isBlank()) {
      throw new BadLine("missing_column");
    }
    if (text.isBlank()) {
      throw new BadLine("empty_text");
    }
    rows.add(CorpusRows.query(id, text, source, id, place, 0));
  }

  /** Lines of query, document and grade; a file's name says whether its queries are held out. */
  private record Judgements(List<String> heldOut) implements PairLines.Format {
    @Override
    public void read(String line, Place place, String source, List<Row> rows) throws BadLine {
      String[] fields = line.split("\t", -1);
      if (fields[0].equals("query-id")) {
        return;
      }
      if (fields.length != 3) {
        throw new BadLine("missing_column");
      }
      try {
        int relevance = Integer.parseInt(fields[2].strip());
        String file = place.path().substring(place.path().lastIndexOf('/') + 1);
        rows.add(
            heldOut.contains(file.replaceFirst("\\.tsv.*$", ""))
                ? CorpusRows.heldOutJudgement(fields[0], fields[1], relevance, place)
                : CorpusRows.judgement(fields[0], fields[1], relevance, place, 0));
      } catch (NumberFormatException e) {
        throw new BadLine("malformed_number");
      }
    }
  }
}
