package io.batchwright.jobs.model;

import io.batchwright.jobs.run.LocalFolder;
import io.batchwright.train.export.Encoder;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * A model folder as bytes, small enough to broadcast: executors need not see the folder. Each
 * process opens it once, see {@link OpenModels}.
 *
 * @param sha256 over the names and contents of the files that encoding depends on
 * @param names of the files, relative to the folder
 * @param contents parallel to {@code names}
 * @param truncateDims see {@link Encoder#truncated}
 */
public record ShippedModel(String sha256, String[] names, byte[][] contents, int truncateDims)
    implements Serializable {
  /** The card says nothing to an encoder, and where a model comes from does not change it. */
  private static final List<String> UNREAD = List.of("README.md", "batchwright.json");

  /** The files of {@code model}. */
  public static ShippedModel of(ModelPath model) throws IOException {
    ShippedModel[] shipped = new ShippedModel[1];
    LocalFolder.read(model.files(), model.folder(), local -> shipped[0] = of(local));
    return shipped[0];
  }

  private static ShippedModel of(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files =
          walk.filter(Files::isRegularFile)
              .filter(file -> !file.getFileName().toString().startsWith("."))
              .filter(file -> !UNREAD.contains(folder.relativize(file).toString()))
              .sorted()
              .toList();
    }
    String[] names = new String[files.size()];
    byte[][] contents = new byte[files.size()][];
    MessageDigest digest = newDigest();
    for (int i = 0; i < names.length; i++) {
      names[i] = folder.relativize(files.get(i)).toString().replace('\\', '/');
      contents[i] = Files.readAllBytes(files.get(i));
      digest.update((names[i] + "\0" + contents[i].length + "\0").getBytes(StandardCharsets.UTF_8));
      digest.update(contents[i]);
    }
    return new ShippedModel(HexFormat.of().formatHex(digest.digest()), names, contents, 0);
  }

  /** This model with the first {@code dims} values of its vectors alone; 0: all. */
  public ShippedModel truncated(int dims) {
    return new ShippedModel(sha256, names, contents, dims);
  }

  /**
   * Length of the vectors.
   *
   * @throws io.batchwright.data.failure.BatchwrightException if they are to be truncated to more
   */
  public int dims() {
    try (OpenModels.Use use = OpenModels.use(this)) {
      return use.encoder().truncated(truncateDims).dims();
    }
  }

  /** Writes the files into {@code folder}. */
  public void write(Path folder) throws IOException {
    for (int i = 0; i < names.length; i++) {
      Path file = folder.resolve(names[i]);
      Files.createDirectories(file.getParent());
      Files.write(file, contents[i]);
    }
  }

  Encoder open() {
    try {
      Path folder = Files.createTempDirectory("batchwright-model-");
      try {
        write(folder);
        return Encoder.open(folder);
      } finally {
        try (Stream<Path> walk = Files.walk(folder)) {
          for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(path);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open the model that the driver sent", e);
    }
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
