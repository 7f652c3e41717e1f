package io.batchwright.jobs.javadoc;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import net.openhft.hashing.LongHashFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * One jar of sources. A jar on a remote file system is copied to local disk while it is open,
 * because a zip file is read from its end.
 */
final class SourceJar implements AutoCloseable {
  private static final Pattern NAME =
      Pattern.compile("(.+?)(?:-\\d[^/]*?)?(?:-sources)?\\.(?:jar|zip)");
  private static final LongHashFunction SAMPLE = LongHashFunction.xx3(0x6a61766164L);

  private final ZipFile zip;
  private final File copy;

  private SourceJar(ZipFile zip, File copy) {
    this.zip = zip;
    this.copy = copy;
  }

  /**
   * Opens a jar.
   *
   * @throws IOException if it is not there, cut short, or not a zip file
   */
  static SourceJar open(String path, Configuration hadoop) throws IOException {
    Path jar = new Path(path);
    FileSystem files = jar.getFileSystem(hadoop);
    if (files instanceof LocalFileSystem local) {
      return new SourceJar(new ZipFile(local.pathToFile(jar)), null);
    }
    File copy = File.createTempFile("batchwright-", "-sources.jar");
    try {
      files.copyToLocalFile(false, jar, new Path(copy.toURI()), true);
      return new SourceJar(new ZipFile(copy), copy);
    } catch (IOException e) {
      Files.deleteIfExists(copy.toPath());
      throw e;
    }
  }

  /** The artifactId in a jar's file name: what stands before the version. */
  static String artifact(String jarPath) {
    Matcher name = NAME.matcher(new Path(jarPath).getName());
    return name.matches() ? name.group(1) : new Path(jarPath).getName();
  }

  /** The Java files that {@code sample} takes, by path; the same list wherever it is made. */
  List<ZipEntry> javaFiles(JarSample sample) {
    List<PathMatcher> include = new ArrayList<>();
    for (String glob : sample.include()) {
      include.add(FileSystems.getDefault().getPathMatcher("glob:" + glob));
    }
    List<ZipEntry> entries = new ArrayList<>();
    zip.stream()
        .filter(entry -> isDocumentedJava(entry) && included(entry, include))
        .forEach(entries::add);
    if (sample.maximumFiles() > 0 && entries.size() > sample.maximumFiles()) {
      entries.sort(
          Comparator.comparingLong((ZipEntry entry) -> SAMPLE.hashChars(entry.getName()))
              .thenComparing(ZipEntry::getName));
      entries = new ArrayList<>(entries.subList(0, sample.maximumFiles()));
    }
    entries.sort(Comparator.comparing(ZipEntry::getName));
    return entries;
  }

  private static boolean isDocumentedJava(ZipEntry entry) {
    String name = entry.getName();
    return name.endsWith(".java")
        && !name.endsWith("package-info.java")
        && !name.endsWith("module-info.java");
  }

  private static boolean included(ZipEntry entry, List<PathMatcher> include) {
    if (include.isEmpty()) {
      return true;
    }
    java.nio.file.Path path = FileSystems.getDefault().getPath(entry.getName());
    return include.stream().anyMatch(glob -> glob.matches(path));
  }

  /**
   * The text of a file.
   *
   * @throws CharacterCodingException if it is not UTF-8
   * @throws IOException if it cannot be unpacked
   */
  String read(ZipEntry entry) throws IOException {
    byte[] bytes;
    try (var in = zip.getInputStream(entry)) {
      bytes = in.readAllBytes();
    }
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  @Override
  public void close() throws IOException {
    zip.close();
    if (copy != null) {
      Files.deleteIfExists(copy.toPath());
    }
  }
}
