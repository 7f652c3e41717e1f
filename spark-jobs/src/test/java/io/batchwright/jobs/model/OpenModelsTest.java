package io.batchwright.jobs.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenModelsTest {
  @TempDir Path folder;

  @Test
  void aModelIsOpenedOnceAndOnlyTheNewestUnusedOnesStayOpen() throws IOException {
    ShippedModel first = shipped("first");
    OpenModels.Use held = OpenModels.use(first);
    try (OpenModels.Use again = OpenModels.use(first)) {
      assertThat(again.encoder()).isSameAs(held.encoder());
    }
    int before = OpenModels.count();
    for (String name : List.of("a", "b", "c", "d")) {
      assertThat(shipped(name).dims()).isEqualTo(2);
    }
    assertThat(OpenModels.count()).isBetween(before, 1 + OpenModels.KEPT);
    assertThat(held.encoder().encode(List.of("first other")).length).isEqualTo(1);
    held.close();
    assertThat(OpenModels.count()).isEqualTo(OpenModels.KEPT);
    assertThat(first.dims()).isEqualTo(2);
    assertThat(first.truncated(1).dims()).isEqualTo(1);
    assertThatThrownBy(() -> first.truncated(3).dims()).hasMessageContaining("in [1, 2]");
    assertThat(OpenModels.count()).isEqualTo(OpenModels.KEPT);
  }

  private ShippedModel shipped(String word) throws IOException {
    Path model = folder.resolve(word);
    WordModel.write(model, List.of(word, "other"));
    return ShippedModel.of(ModelPath.of(model.toString(), new Configuration()));
  }
}
