package io.batchwright.data.token;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * Texts that somebody wrote: this project's sources a few lines at a time, the licences and notices
 * on the class path, and the names of the classes there.
 */
final class RealTexts {
  private static final int LINES = 4;
  private static final int CLASSES_PER_JAR = 400;
  private static final int TEXTS = 10_500;

  private RealTexts() {}

  static List<String> read() throws IOException {
    List<String> texts = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of(System.getProperty("batchwright.root")))) {
      List<Path> sources =
          files
              .filter(path -> path.toString().matches(".*/src/(main|test)/java/.*\\.java"))
              .sorted()
              .toList();
      for (Path source : sources) {
        addChunks(texts, Files.readString(source).lines().toList());
      }
    }
    for (String entry : System.getProperty("java.class.path").split(":")) {
      if (entry.endsWith(".jar") && Files.isRegularFile(Path.of(entry))) {
        addJar(texts, Path.of(entry));
      }
    }
    // Every n-th, so that sources, licences and names all stay.
    int stride = Math.max(1, texts.size() / TEXTS);
    List<String> some = new ArrayList<>();
    for (int i = 0; i < texts.size(); i += stride) {
      some.add(texts.get(i));
    }
    return some;
  }

  private static void addJar(List<String> texts, Path path) throws IOException {
    try (JarFile jar = new JarFile(path.toFile())) {
      jar.stream()
          .filter(entry -> entry.getName().endsWith(".class"))
          .limit(CLASSES_PER_JAR)
          .forEach(entry -> texts.add(entry.getName().replace(".class", "")));
      for (var entry :
          jar.stream().filter(e -> e.getName().matches(".*(LICENSE|NOTICE).*")).toList()) {
        if (!entry.isDirectory()) {
          byte[] bytes = jar.getInputStream(entry).readAllBytes();
          addChunks(texts, new String(bytes, StandardCharsets.UTF_8).lines().toList());
        }
      }
    }
  }

  private static void addChunks(List<String> texts, List<String> lines) {
    for (int i = 0; i < lines.size(); i += LINES) {
      texts.add(String.join("\n", lines.subList(i, Math.min(lines.size(), i + LINES))));
    }
  }
}
