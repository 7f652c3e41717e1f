package io.batchwright.train.evaluation;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Run files as trec_eval reads them: {@code query Q0 document rank score tag}.
 *
 * <p>Scores are written with all their digits, so that reading gives the same floats. Ids with
 * white space are written percent-encoded, in qrels alike, since the format splits at white space.
 */
public final class TrecRun {
  private TrecRun() {}

  /** Writes {@code rankings} in trec_eval's order. */
  public static void write(Path file, Rankings rankings, String tag) throws IOException {
    Rankings ordered = rankings.inTrecOrder();
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int q = 0; q < ordered.queries().size(); q++) {
        String query = TrecId.encode(ordered.queries().name(q));
        for (int rank = 0; rank < ordered.length(q); rank++) {
          String document = TrecId.encode(ordered.documents().name(ordered.document(q, rank)));
          out.write(query + " Q0 " + document + " " + (rank + 1) + " ");
          out.write(ordered.score(q, rank) + " " + tag + "\n");
        }
      }
    }
  }

  /**
   * Reads a run file; queries and documents are numbered as they come.
   *
   * @throws IOException if a line has not six fields or its score is not a number; the message
   *     names file and line
   */
  public static Rankings read(Path file) throws IOException {
    Map<String, List<String>> documents = new LinkedHashMap<>();
    Map<String, List<Float>> scores = new LinkedHashMap<>();
    Set<String> names = new LinkedHashSet<>();
    try (BufferedReader in = Files.newBufferedReader(file)) {
      int number = 0;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        number++;
        if (line.isBlank()) {
          continue;
        }
        String[] fields = line.strip().split("\\s+");
        if (fields.length != 6) {
          throw new IOException(
              "%s:%d: a run line has 6 fields, got %d".formatted(file, number, fields.length));
        }
        String query = TrecId.decode(fields[0]);
        String document = TrecId.decode(fields[2]);
        names.add(document);
        documents.computeIfAbsent(query, q -> new ArrayList<>()).add(document);
        scores.computeIfAbsent(query, q -> new ArrayList<>()).add(score(file, number, fields[4]));
      }
    }
    return rankings(documents, scores, names);
  }

  private static float score(Path file, int line, String text) throws IOException {
    try {
      float score = Float.parseFloat(text);
      if (!Float.isNaN(score)) {
        return score;
      }
    } catch (NumberFormatException e) {
      // Reported below, like a NaN.
    }
    throw new IOException("%s:%d: score is not a number: %s".formatted(file, line, text));
  }

  private static Rankings rankings(
      Map<String, List<String>> documents, Map<String, List<Float>> scores, Set<String> names) {
    Ids queryIds = Ids.of(new ArrayList<>(documents.keySet()));
    Ids documentIds = Ids.of(new ArrayList<>(names));
    int[][] ranked = new int[queryIds.size()][];
    float[][] values = new float[queryIds.size()][];
    for (int q = 0; q < ranked.length; q++) {
      List<String> row = documents.get(queryIds.name(q));
      List<Float> rowScores = scores.get(queryIds.name(q));
      ranked[q] = row.stream().mapToInt(documentIds::ordinal).toArray();
      values[q] = new float[rowScores.size()];
      for (int i = 0; i < values[q].length; i++) {
        values[q][i] = rowScores.get(i);
      }
    }
    return Rankings.of(queryIds, documentIds, ranked, values).inTrecOrder();
  }
}
