package io.batchwright.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.jobs.CommandRun;
import org.junit.jupiter.api.Test;

class PipelineJobsTest {
  @Test
  void everyStageOfPrepareIsAJobToo() {
    assertThat(CommandRun.of("--help").out())
        .contains("dedup", "tokenize", "bucket", "plan", "validate", "javadoc-corpus");
  }

  @Test
  void aLongerJobGoesOnFromEveryShorterOne() {
    assertThat(PipelineJob.bucket().goesOnFrom())
        .containsExactly("corpus", "dedup", "split", "tokenize");
    assertThat(PipelineJob.plan().goesOnFrom())
        .contains("bucket", "prepare")
        .doesNotContain("plan");
    assertThat(PipelineJob.prepare().goesOnFrom())
        .contains("bucket", "plan")
        .doesNotContain("train");
    assertThat(PipelineJob.pipeline().goesOnFrom()).contains("train", "prepare", "plan");
    assertThat(PipelineJob.inNotebook(Until.CORPUS).goesOnFrom()).contains("train", "pipeline");
  }

  @Test
  void eachJobListsTheStagesItRuns() {
    PipelineRecipe recipe = PipelineRecipe.DEFAULTS;
    assertThat(PipelineJob.bucket().stages(recipe))
        .containsExactly("corpus", "duplicates", "split", "tokens", "buckets");
    assertThat(PipelineJob.plan().stages(recipe)).endsWith("buckets", "plan");
    assertThat(PipelineJob.pipeline().stages(recipe)).endsWith("train", "evaluate");
  }

  @Test
  void validateSaysWhatWouldRun() {
    String recipe = System.getProperty("batchwright.root") + "/conf/quickstart.yaml";
    CommandRun run = CommandRun.of("validate", "--recipe", recipe, "--set", "corpus.sources=[]");

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("The recipe is sound.", "buckets");
  }
}
