package io.batchwright.jobs.cli;

import io.batchwright.jobs.run.JobRunner;
import io.batchwright.technique.Paper;
import io.batchwright.technique.Techniques;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.graph.Graph;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Every technique family of every module, with its members, read from the compiled classes. */
public final class FamilyCatalogue {
  private static final String ROOT = "io/batchwright";

  /** One class of each module: where it was loaded from, its module's classes are. */
  private static final List<Class<?>> ANCHORS =
      List.of(RandomStream.class, Techniques.class, Graph.class, JobRunner.class);

  /**
   * One family.
   *
   * @param type its sealed interface
   * @param members the records Batchwright ships
   */
  public record Family(Class<?> type, List<? extends Class<?>> members) {
    /** The package without the common beginning, such as {@code data.dedup}. */
    public String place() {
      return type.getPackageName().replaceFirst("^io\\.batchwright\\.", "");
    }
  }

  private FamilyCatalogue() {}

  /** The families whose members carry {@link Paper}, in the order of their packages and names. */
  public static List<Family> families() {
    List<Family> families = new ArrayList<>();
    for (Class<?> type : sealedInterfaces()) {
      List<? extends Class<?>> members = Techniques.of(type);
      if (members.stream().anyMatch(member -> member.isAnnotationPresent(Paper.class))) {
        families.add(new Family(type, members));
      }
    }
    families.sort(
        Comparator.comparing(Family::place).thenComparing(family -> family.type().getSimpleName()));
    return families;
  }

  private static Set<Class<?>> sealedInterfaces() {
    Set<URI> roots = new LinkedHashSet<>();
    Set<Class<?>> found = new LinkedHashSet<>();
    try {
      for (Class<?> anchor : ANCHORS) {
        roots.add(anchor.getProtectionDomain().getCodeSource().getLocation().toURI());
      }
      for (URI root : roots) {
        collect(root, found);
      }
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException("cannot list our own classes", e);
    }
    return found;
  }

  private static void collect(URI root, Set<Class<?>> found) throws IOException {
    if (Files.isDirectory(Path.of(root))) {
      collect(Path.of(root), found);
    } else {
      try (FileSystem jar = FileSystems.newFileSystem(URI.create("jar:" + root), Map.of())) {
        collect(jar.getPath("/"), found);
      }
    }
  }

  private static void collect(Path root, Set<Class<?>> found) throws IOException {
    if (!Files.isDirectory(root.resolve(ROOT))) {
      return;
    }
    List<String> names;
    try (Stream<Path> files = Files.walk(root.resolve(ROOT))) {
      names =
          files
              .map(file -> root.relativize(file).toString().replace('\\', '/'))
              .filter(name -> name.endsWith(".class") && !name.endsWith("package-info.class"))
              .filter(name -> !name.contains("/shaded/"))
              .map(name -> name.substring(0, name.length() - ".class".length()).replace('/', '.'))
              .sorted()
              .toList();
    }
    for (String name : names) {
      Class<?> type = load(name);
      if (type.isInterface() && type.isSealed()) {
        found.add(type);
      }
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, FamilyCatalogue.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("our own class " + name + " is missing", e);
    }
  }
}
