package io.batchwright.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PromptsTest {
  private static final Map<String, String> FOLDER =
      Map.of("query", "query: ", "passage", "passage: ", "clustering", "group: ");

  @Test
  void aPromptThatTheRecipeLeavesOutIsTheFolders() {
    assertThat(Prompts.DEFAULTS.over(FOLDER)).isEqualTo(new Prompts("query: ", "passage: "));
    assertThat(new Prompts("q: ", "").over(FOLDER)).isEqualTo(new Prompts("q: ", "passage: "));
    assertThat(new Prompts("", "d: ").over(FOLDER)).isEqualTo(new Prompts("query: ", "d: "));
    assertThat(Prompts.DEFAULTS.over(Map.of("passage", "p: ", "document", "d: ")))
        .isEqualTo(new Prompts("", "d: "));
    assertThat(new Prompts("q: ", "").over(Map.of())).isEqualTo(new Prompts("q: ", ""));
  }
}
