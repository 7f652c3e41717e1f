package io.batchwright.data.dedup;

import java.nio.file.Files;
import org.openjdk.jmh.Main;

/**
 * Runs JMH with {@link ProcessorTime} where the text is there, and says where it is looked for
 * where it is not. Arguments are JMH's.
 */
public final class Benchmarks {
  private Benchmarks() {}

  /** Runs the benchmarks that the arguments select. */
  public static void main(String[] arguments) throws Exception {
    if (!Files.isDirectory(BenchTexts.folder())) {
      System.out.printf(
          "Skipped: no text at %s; set -Dbatchwright.data to the folder of multisource/*.jsonl.gz"
              + " (lines of {\"text\": ...}).%n",
          BenchTexts.folder().toAbsolutePath());
      return;
    }
    String[] all = new String[arguments.length + 4];
    System.arraycopy(arguments, 0, all, 4, arguments.length);
    all[0] = "-prof";
    all[1] = ProcessorTime.class.getName();
    all[2] = "-jvmArgsAppend";
    all[3] =
        "-Xmx1g -XX:+UseSerialGC -Dbatchwright.data="
            + BenchTexts.folder().toAbsolutePath().getParent();
    Main.main(all);
  }
}
