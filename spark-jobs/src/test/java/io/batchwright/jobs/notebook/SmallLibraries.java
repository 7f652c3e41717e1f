package io.batchwright.jobs.notebook;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Three generated libraries as -sources jars. Each class of a library is about a noun of its own
 * and each of its methods about a verb; {@code beta} repeats a class of {@code alpha}.
 */
final class SmallLibraries {
  private static final List<String> VERBS =
      List.of("Sort", "Reverse", "Merge", "Rotate", "Count", "Filter");

  private SmallLibraries() {}

  static void write(Path jars) throws IOException {
    Files.createDirectories(jars);
    List<String> alpha = List.of("Matrix", "Ledger", "Socket", "Window", "Planet", "Garden");
    List<String> beta = List.of("Matrix", "Engine", "Harbor", "Violin", "Canyon", "Bridge");
    List<String> gamma = List.of("Lantern", "Meadow", "Copper", "Falcon");
    jar(jars.resolve("alpha-1.0-sources.jar"), alpha);
    jar(jars.resolve("beta-1.0-sources.jar"), beta);
    jar(jars.resolve("gamma-1.0-sources.jar"), gamma);
  }

  private static void jar(Path file, List<String> nouns) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (String noun : nouns) {
        zip.putNextEntry(new ZipEntry("small/" + noun + ".java"));
        zip.write(type(noun).getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
  }

  private static String type(String noun) {
    StringBuilder text = new StringBuilder("package small;\nclass " + noun + " {\n");
    String thing = noun.toLowerCase(Locale.ROOT);
    for (String verb : VERBS) {
      String action = verb.toLowerCase(Locale.ROOT);
      // Methods of two lengths, for two buckets.
      String more =
          VERBS.indexOf(verb) % 2 == 0
              ? ""
              : "    check%s(%sEntries);\n".formatted(verb, thing).repeat(3);
      text.append(
          """
            /** %1$ss all entries of the %2$s by their weight. */
            int %3$s%4$s(int[] %2$sEntries) {
          %5$s    int %3$sTotal = %2$sEntries.length;
              for (int %2$sIndex = 0; %2$sIndex < %3$sTotal; %2$sIndex++) {
                %3$sTotal += %3$sStep(%2$sEntries[%2$sIndex], "%3$s the %2$s");
              }
              return %3$sTotal;
            }
          """
              .formatted(verb, thing, action, noun, more));
    }
    return text.append("}\n").toString();
  }
}
