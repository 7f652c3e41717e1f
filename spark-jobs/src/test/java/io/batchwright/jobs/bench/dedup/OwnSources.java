package io.batchwright.jobs.bench.dedup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** The Java files of this project: real texts that every checkout has. */
public final class OwnSources {
  private static final Path ROOT = Path.of(System.getProperty("batchwright.root", ".."));

  private OwnSources() {}

  /** The files, by path. */
  public static List<Path> files() throws IOException {
    try (Stream<Path> files =
        Files.find(
            ROOT,
            20,
            (path, any) -> {
              String name = path.toString();
              return name.endsWith(".java") && name.contains("/src/") && !name.contains("/target/");
            })) {
      return files.sorted().toList();
    }
  }

  /** Their texts. */
  public static List<String> texts() throws IOException {
    return files().stream().map(OwnSources::read).toList();
  }

  /** Packs them into a jar of sources in {@code folder}. */
  public static Path jar(Path folder) throws IOException {
    Path jar = folder.resolve("batchwright-1.0-sources.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      for (Path file : files()) {
        zip.putNextEntry(new ZipEntry(ROOT.relativize(file).toString()));
        zip.write(Files.readAllBytes(file));
        zip.closeEntry();
      }
    }
    return jar;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
