package io.batchwright.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.jobs.CommandRun;
import io.batchwright.jobs.model.WordModel;
import io.batchwright.train.evaluation.TrecQrels;
import io.batchwright.train.evaluation.TrecRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateJobTest {
  private static final List<String> WORDS =
      List.of("amber", "birch", "coral", "delta", "ember", "fjord", "grove", "haven");

  @TempDir Path folder;

  private Path model;
  private Path beir;

  @BeforeEach
  void makeModelAndCollection() throws IOException {
    model = folder.resolve("model");
    WordModel.write(model, WORDS);
    beir = Files.createDirectories(folder.resolve("small"));
    Files.createDirectories(beir.resolve("qrels"));
    StringBuilder corpus = new StringBuilder();
    StringBuilder queries = new StringBuilder();
    StringBuilder qrels = new StringBuilder("query-id\tcorpus-id\tscore\n");
    for (int i = 0; i < WORDS.size(); i++) {
      String next = WORDS.get((i + 1) % WORDS.size());
      corpus.append(
          "{\"_id\": \"d%d\", \"title\": \"\", \"text\": \"about %s and some %s\"}\n"
              .formatted(i, WORDS.get(i), next));
      queries.append("{\"_id\": \"q%d\", \"text\": \"%s %s\"}\n".formatted(i, WORDS.get(i), next));
      if (i != 3) {
        qrels.append("q%d\td%d\t1\n".formatted(i, i));
      }
    }
    Files.writeString(beir.resolve("corpus.jsonl"), corpus);
    Files.writeString(beir.resolve("queries.jsonl"), queries);
    Files.writeString(beir.resolve("qrels/test.tsv"), qrels);
    Files.writeString(beir.resolve("qrels/train.tsv"), "query-id\tcorpus-id\tscore\nq3\td0\t1\n");
  }

  @Test
  void aModelIsMeasuredOnTheTestJudgementsOfABeirFolder() throws IOException {
    Path out = folder.resolve("out");
    CommandRun run =
        CommandRun.of(
            "evaluate",
            "--model",
            model.toString(),
            "--corpus",
            beir.toString(),
            "--master",
            "local[2]",
            "--out",
            out.toString());

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("The model ties with BM25 on nDCG@10 (1.000 against 1.000")
        .contains(EvaluateModelStage.CORPUS_STATISTICS)
        .contains("8 documents, 8 queries, 7 judgements (test)")
        .contains("7 queries over 8 documents; TREC run and qrels files in " + out)
        .containsPattern("hybrid +1\\.000");

    JsonNode record = CommandRun.record(out);
    assertThat(record.at("/metrics/ndcg10_model").asDouble()).isEqualTo(1);
    assertThat(record.at("/metrics/ndcg10_bm25_low").asDouble()).isEqualTo(1);
    assertThat(record.at("/metrics/bm25_k1").asDouble()).isEqualTo(1.2);
    assertThat(record.at("/ledger/evaluate/in").asLong()).isEqualTo(8);
    assertThat(record.at("/ledger/evaluate/out").asLong()).isEqualTo(7);
    assertThat(record.at("/ledger/evaluate/dropped/without_judgement").asLong()).isEqualTo(1);
    assertThat(record.at("/artifacts/evaluation").asText()).isEqualTo("evaluation");

    Path evaluation = out.resolve("evaluation");
    assertThat(TrecQrels.read(evaluation.resolve("qrels.txt")).size()).isEqualTo(7);
    for (String system : List.of("model", "bm25", "hybrid")) {
      assertThat(TrecRun.read(evaluation.resolve(system + ".run")).queries().size()).isEqualTo(7);
    }
    assertThat(evaluation.resolve("per_query.jsonl")).exists();
  }

  @Test
  void aCorpusWithoutJudgementsIsRefused() {
    CommandRun run =
        CommandRun.of(
            "evaluate",
            "--model",
            model.toString(),
            "--corpus",
            beir.resolve("corpus.jsonl").toString(),
            "--out",
            folder.resolve("out").toString());

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("is JSON lines, which has no judgements");
    assertThat(folder.resolve("out")).doesNotExist();
  }
}
