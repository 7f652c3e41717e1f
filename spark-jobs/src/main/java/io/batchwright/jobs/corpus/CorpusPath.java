package io.batchwright.jobs.corpus;

import io.batchwright.data.corpus.BeirFolder;
import io.batchwright.data.corpus.Columns;
import io.batchwright.data.corpus.CorpusSource;
import io.batchwright.data.corpus.FileTree;
import io.batchwright.data.corpus.JsonLines;
import io.batchwright.data.corpus.PlainText;
import io.batchwright.data.corpus.SparkFiles;
import io.batchwright.data.failure.BatchwrightException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What a path on the command line stands for, told by the names of its files: a BEIR folder,
 * Parquet, JSON lines or plain text.
 *
 * @param path a file, folder or glob
 * @param format what its files are
 * @param files its data files, in the order of their names
 */
public record CorpusPath(String path, Format format, List<Path> files) {

  /** Formats known by the names of their files. */
  public enum Format {
    BEIR("BEIR"),
    PARQUET("Parquet"),
    JSON_LINES("JSON lines"),
    TEXT("plain text");

    private final String label;

    Format(String label) {
      this.label = label;
    }

    /** As messages say it. */
    public String label() {
      return label;
    }
  }

  public CorpusPath {
    files = List.copyOf(files);
  }

  /**
   * Looks at {@code path}.
   *
   * @throws BatchwrightException with exit code 2 if nothing is there or its files have names of no
   *     known format, 3 if there is no data file
   */
  public static CorpusPath of(String path, Configuration hadoop) {
    List<FileStatus> found = list(path, hadoop);
    List<Path> files = found.stream().map(FileStatus::getPath).toList();
    if (files.isEmpty()) {
      throw BatchwrightException.data(path + " is empty: it holds no data file.");
    }
    if (files.stream().anyMatch(file -> beir(file, path))) {
      return new CorpusPath(path, Format.BEIR, files);
    }
    for (Format format : List.of(Format.PARQUET, Format.JSON_LINES, Format.TEXT)) {
      List<Path> matching =
          files.stream().filter(file -> formatOf(file.getName()) == format).toList();
      if (!matching.isEmpty()) {
        return new CorpusPath(path, format, matching);
      }
    }
    throw BatchwrightException.usage(
        "%s is not a corpus by the names of its files (such as %s): expected .parquet, .jsonl, .txt, a BEIR folder, or the folder of a run."
            .formatted(path, files.get(0).getName()));
  }

  /** This path as the source of a corpus. */
  public CorpusSource source() {
    return switch (format) {
      case BEIR -> beir();
      case PARQUET ->
          new SparkFiles(
              path,
              "parquet",
              List.of(),
              "",
              Columns.DEFAULTS,
              SparkFiles.DEFAULTS.maximumDocumentBytes());
      case JSON_LINES ->
          new JsonLines(path, "", Columns.DEFAULTS, "", JsonLines.DEFAULTS.maximumDocumentBytes());
      case TEXT -> new PlainText(path, "", PlainText.DEFAULTS.maximumDocumentBytes());
    };
  }

  private BeirFolder beir() {
    String corpus =
        files.stream()
            .map(Path::getName)
            .filter(name -> name.startsWith(CORPUS))
            .findFirst()
            .orElse(CORPUS);
    return new BeirFolder(
        path,
        List.of(),
        List.of(),
        corpus.substring(CORPUS.length()),
        "",
        BeirFolder.DEFAULTS.maximumDocumentBytes());
  }

  private static final String CORPUS = "corpus.jsonl";

  private static boolean beir(Path file, String folder) {
    return file.getName().startsWith("queries.jsonl")
        && file.getParent().getName().equals(new Path(folder).getName());
  }

  private static Format formatOf(String name) {
    String plain = name.replaceFirst("\\.(gz|bz2|zst)$", "");
    if (plain.endsWith(".parquet")) {
      return Format.PARQUET;
    }
    if (plain.endsWith(".jsonl") || plain.endsWith(".json") || plain.endsWith(".ndjson")) {
      return Format.JSON_LINES;
    }
    return plain.endsWith(".txt") ? Format.TEXT : null;
  }

  private static List<FileStatus> list(String path, Configuration hadoop) {
    List<FileStatus> files = new ArrayList<>();
    try {
      Path root = new Path(path);
      FileSystem fileSystem = root.getFileSystem(hadoop);
      FileStatus[] matches = fileSystem.globStatus(root);
      if (matches == null || matches.length == 0) {
        throw BatchwrightException.usage("There is nothing at " + path + ".");
      }
      for (FileStatus match : matches) {
        files.addAll(FileTree.visible(fileSystem, match));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + path, e);
    }
    files.sort(Comparator.comparing(file -> file.getPath().toString()));
    return files;
  }
}
