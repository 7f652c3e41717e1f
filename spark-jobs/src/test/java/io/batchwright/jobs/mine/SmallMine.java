package io.batchwright.jobs.mine;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.jobs.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A BEIR folder of seven documents and four queries, encoded by hand in the plane. */
final class SmallMine {
  private SmallMine() {}

  static void writeCorpus(Path folder) throws IOException {
    Files.createDirectories(folder.resolve("qrels"));
    Files.writeString(
        folder.resolve("corpus.jsonl"),
        """
        {"_id": "d1", "title": "", "text": "sort an array"}
        {"_id": "d2", "title": "", "text": "sort a list"}
        {"_id": "d3", "title": "", "text": "reverse an array"}
        {"_id": "d4", "title": "", "text": "open a file"}
        {"_id": "d5", "title": "", "text": "close a file"}
        {"_id": "d6", "title": "", "text": "Sort an  array"}
        {"_id": "d7", "title": "", "text": "delete a\\tfile"}
        """);
    Files.writeString(
        folder.resolve("queries.jsonl"),
        """
        {"_id": "q1", "text": "sorting"}
        {"_id": "q2", "text": "opening"}
        {"_id": "q3", "text": "Sorting"}
        {"_id": "q4", "text": "nothing answers this"}
        """);
    Files.writeString(
        folder.resolve("qrels/train.tsv"),
        "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td4\t1\nq2\td5\t1\nq3\td2\t1\n");
  }

  static CommandRun run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--master", "local[2]"));
    CommandRun run = CommandRun.of(all.toArray(String[]::new));
    return run;
  }

  static CommandRun mine(Path corpus, Path embeddings, Path out, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "mine",
                "--input",
                corpus.toString(),
                "--embeddings",
                embeddings.toString(),
                "--out",
                out.toString()));
    arguments.addAll(List.of(more));
    CommandRun run = run(arguments.toArray(String[]::new));
    assertThat(run.err()).isEmpty();
    return run;
  }
}
