package io.batchwright.train.evaluation;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Judgement files as trec_eval reads them: {@code query 0 document relevance}. */
public final class TrecQrels {
  private TrecQrels() {}

  public static void write(Path file, Qrels qrels) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int q = 0; q < qrels.queries().size(); q++) {
        String query = TrecId.encode(qrels.queries().name(q));
        for (int document : qrels.judged(q)) {
          out.write(query + " 0 " + TrecId.encode(qrels.documents().name(document)));
          out.write(" " + qrels.relevance(q, document) + "\n");
        }
      }
    }
  }

  /**
   * Reads a judgement file; queries and documents are numbered as they come.
   *
   * @throws IOException if a line has not four fields or its relevance is not an integer; the
   *     message names file and line
   */
  public static Qrels read(Path file) throws IOException {
    Qrels.Builder qrels = Qrels.builder();
    try (BufferedReader in = Files.newBufferedReader(file)) {
      int number = 0;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        number++;
        if (line.isBlank()) {
          continue;
        }
        String[] fields = line.strip().split("\\s+");
        if (fields.length != 4) {
          throw new IOException(
              "%s:%d: a qrels line has 4 fields, got %d".formatted(file, number, fields.length));
        }
        try {
          qrels.add(
              TrecId.decode(fields[0]), TrecId.decode(fields[2]), Integer.parseInt(fields[3]));
        } catch (NumberFormatException e) {
          throw new IOException(
              "%s:%d: relevance is not an integer: %s".formatted(file, number, fields[3]), e);
        }
      }
    }
    return qrels.build();
  }
}
