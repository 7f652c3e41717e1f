package io.batchwright.train.export;

import io.batchwright.data.failure.BatchwrightException;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;

/** Listing and publishing whole folders on a local disk. */
final class FolderFiles {
  private FolderFiles() {}

  /** Fills an empty folder. */
  interface Body {
    void fill(Path folder) throws IOException;
  }

  /**
   * Writes the model folder {@code directory} aside, {@code batchwright.json} last, and moves it
   * into place. One that is there is replaced if it carries {@code batchwright.json} or is empty.
   *
   * @throws BatchwrightException with exit code 2 if the folder that is there is not ours
   */
  static void publish(Path directory, SortedMap<String, String> provenance, Body body)
      throws IOException {
    Path target = directory.toAbsolutePath().normalize();
    if (Files.exists(target)
        && !Files.exists(target.resolve(ModelManifest.NAME))
        && !empty(target)) {
      throw BatchwrightException.usage(
          target + " exists and has no " + ModelManifest.NAME + ": it is not replaced");
    }
    Files.createDirectories(target.getParent());
    Path aside = target.resolveSibling("." + target.getFileName() + ".writing");
    delete(aside);
    Files.createDirectories(aside);
    body.fill(aside);
    ModelManifest.write(aside, provenance);
    replace(aside, target);
  }

  /** The files under {@code folder}, as sorted relative paths. */
  static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile).map(folder::relativize).sorted().toList();
    }
  }

  private static boolean empty(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> walk = Files.walk(folder)) {
        for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  /** Puts {@code complete} in the place of {@code target}; what was there goes last. */
  private static void replace(Path complete, Path target) throws IOException {
    Path old = target.resolveSibling("." + target.getFileName() + ".old");
    delete(old);
    if (Files.exists(target)) {
      Files.move(target, old);
    }
    try {
      Files.move(complete, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(complete, target);
    }
    delete(old);
  }
}
