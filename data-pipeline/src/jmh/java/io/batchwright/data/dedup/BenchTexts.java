package io.batchwright.data.dedup;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Documents of 5.5 kB of real text: books, abstracts, law, drama and web pages, cut one after
 * another from the sources in turn. One invocation works on {@link #DOCUMENTS} of them.
 */
final class BenchTexts {
  /** Documents of one invocation: 11 MB, so that no cache holds them. */
  static final int DOCUMENTS = 2000;

  /** UTF-8 bytes of one invocation's documents, about. */
  static final int BYTES = 5500;

  private static double megabytes;

  private BenchTexts() {}

  /** The UTF-8 size of the documents that were read last. */
  static double megabytes() {
    return megabytes;
  }

  /** The folder of the text: the system property {@code batchwright.data}, plus multisource. */
  static Path folder() {
    return Path.of(System.getProperty("batchwright.data", "shared/data"), "multisource");
  }

  /** {@link #DOCUMENTS} documents; the same ones in every run. */
  static List<String> read() {
    try (Stream<Path> listed = Files.list(folder())) {
      List<Path> files =
          listed.filter(file -> file.toString().endsWith(".jsonl.gz")).sorted().toList();
      List<String> documents = new ArrayList<>();
      for (int i = 0; i < files.size(); i++) {
        int share = DOCUMENTS * (i + 1) / files.size() - DOCUMENTS * i / files.size();
        documents.addAll(pieces(files.get(i), share));
      }
      long bytes = 0;
      for (String document : documents) {
        bytes += document.getBytes(StandardCharsets.UTF_8).length;
      }
      megabytes = bytes / 1e6;
      return documents;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> pieces(Path file, int count) throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<String> pieces = new ArrayList<>();
    StringBuilder open = new StringBuilder();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine();
          line != null && pieces.size() < count;
          line = reader.readLine()) {
        String text = json.readTree(line).path("text").asText();
        for (int from = 0; from < text.length() && pieces.size() < count; from += BYTES) {
          open.append(text, from, Math.min(text.length(), from + BYTES)).append('\n');
          if (open.length() >= BYTES) {
            pieces.add(open.substring(0, BYTES));
            open.setLength(0);
          }
        }
      }
    }
    return pieces;
  }
}
