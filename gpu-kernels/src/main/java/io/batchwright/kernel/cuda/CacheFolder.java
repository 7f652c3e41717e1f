package io.batchwright.kernel.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where what takes time to make is kept for the next process: {@code batchwright} in the user's
 * cache folder ({@code XDG_CACHE_HOME}, else {@code ~/.cache}), or the folder that {@code
 * -Dbatchwright.cuda.cache} names; {@code none} keeps nothing.
 *
 * <p>A file begins with the hash of the rest and appears whole. Of several processes that make the
 * same at the same time the first keeps its own, and the others take that. A file that is broken,
 * and a folder that cannot be written, are warned of once each and then done without: whoever asks
 * makes the content anew.
 */
final class CacheFolder {
  static final String PROPERTY = "batchwright.cuda.cache";

  /** Keeps nothing. */
  static final CacheFolder NONE = new CacheFolder(null);

  private static final Logger LOG = LoggerFactory.getLogger(CacheFolder.class);
  private static final int HASH = 64;
  private static final int ATTEMPTS = 2; // the second after a broken file was removed

  private final Path folder; // null keeps nothing
  private final AtomicBoolean warnedOfFile = new AtomicBoolean();
  private final AtomicBoolean warnedOfFolder = new AtomicBoolean();

  CacheFolder(Path folder) {
    this.folder = folder;
  }

  /** The one of this process. */
  static CacheFolder configured() {
    return Configured.FOLDER;
  }

  private static final class Configured {
    static final CacheFolder FOLDER = of(System.getProperty(PROPERTY, ""));
  }

  /** Nothing is kept where a process has no home, as in some containers. */
  private static CacheFolder of(String named) {
    if (named.equals("none")) {
      return NONE;
    }
    if (!named.isEmpty()) {
      return new CacheFolder(Path.of(named));
    }
    String caches = System.getenv("XDG_CACHE_HOME");
    Path parent =
        caches == null || caches.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(caches);
    return parent.isAbsolute() ? new CacheFolder(parent.resolve("batchwright")) : NONE;
  }

  /** Whether every process makes everything anew. */
  boolean keepsNothing() {
    return folder == null;
  }

  /** What was kept under that name; nothing if that is broken or was never kept. */
  Optional<byte[]> read(String name) {
    if (folder == null) {
      return Optional.empty();
    }
    Path file = folder.resolve(name);
    try {
      byte[] all = Files.readAllBytes(file);
      byte[] content = Arrays.copyOfRange(all, Math.min(all.length, HASH + 1), all.length);
      byte[] expected = (hash(content) + "\n").getBytes(StandardCharsets.US_ASCII);
      if (Arrays.equals(expected, Arrays.copyOf(all, HASH + 1))) {
        return Optional.of(content);
      }
      ignored(name, "its content is not what was written");
    } catch (NoSuchFileException e) {
      LOG.debug("{} was not kept yet", file);
    } catch (IOException e) {
      ignored(name, e.toString());
    }
    return Optional.empty();
  }

  /**
   * Keeps a content, unless another process has kept a usable one since it was read. Two may each
   * go on with their own only where both replace a broken file in the same moment, or where the
   * file system has no hard links.
   *
   * @param usable whether another content does as well; what is broken is never asked, and replaced
   * @return what the other process kept, to be used instead of {@code content}; nothing if there is
   *     none
   */
  Optional<byte[]> keep(String name, byte[] content, Predicate<byte[]> usable) {
    if (folder == null) {
      return Optional.empty();
    }
    try {
      Files.createDirectories(folder);
      Path part = Files.createTempFile(folder, name, ".part");
      try {
        byte[] head = (hash(content) + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] all = Arrays.copyOf(head, head.length + content.length);
        System.arraycopy(content, 0, all, head.length, content.length);
        Files.write(part, all);
        return placed(part, name, usable);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      if (warnedOfFolder.compareAndSet(false, true)) {
        LOG.warn("Nothing is kept in {}: {}; the next process makes it anew", folder, e.toString());
      }
      return Optional.empty();
    }
  }

  private Optional<byte[]> placed(Path part, String name, Predicate<byte[]> usable)
      throws IOException {
    Path file = folder.resolve(name);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (isFirst(part, file)) {
        return Optional.empty();
      }
      Optional<byte[]> first = read(name).filter(usable);
      if (first.isPresent()) {
        return first;
      }
      Files.deleteIfExists(file);
    }
    throw new FileAlreadyExistsException(file.toString());
  }

  /** Gives a whole file its name, unless there is one of that name: a move would replace it. */
  private static boolean isFirst(Path part, Path file) throws IOException {
    try {
      Files.createLink(file, part);
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (UnsupportedOperationException | FileSystemException e) {
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE); // there are no links: the last stays
    }
    return true;
  }

  /** Says that a file is not used; it is replaced when its content has been made anew. */
  void ignored(String name, String why) {
    if (warnedOfFile.compareAndSet(false, true)) {
      LOG.warn("{} is ignored and made anew: {}", folder.resolve(name), why);
    }
  }

  /** SHA-256 in hexadecimal digits. */
  static String hash(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
