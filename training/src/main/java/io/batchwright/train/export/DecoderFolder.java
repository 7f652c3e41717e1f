package io.batchwright.train.export;

import io.batchwright.train.model.GptConfig;
import io.batchwright.train.model.huggingface.GptFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;

/**
 * Writes a trained decoder as a folder in Hugging Face's layout of GPT-2, with a model card and
 * {@code batchwright.json}. A folder that is there is replaced if it carries {@code
 * batchwright.json} or is empty.
 */
public final class DecoderFolder {
  private DecoderFolder() {}

  /**
   * Writes the folder {@code directory}.
   *
   * @param weights each parameter by name, row by row
   * @throws io.batchwright.data.failure.BatchwrightException if the folder is not ours
   */
  public static void write(
      Path directory,
      GptFolder decoder,
      Map<String, float[]> weights,
      ModelCard card,
      SortedMap<String, String> provenance)
      throws IOException {
    GptConfig sizes = decoder.config();
    FolderFiles.publish(
        directory,
        provenance,
        folder -> {
          decoder.write(folder, weights);
          Files.writeString(
              folder.resolve("README.md"),
              card.markdownOfWriter(
                  "gpt2",
                  "A GPT-2 decoder of %d layers and %d dims, from random weights; %,d tokens."
                      .formatted(sizes.layers(), sizes.dims(), sizes.vocabularySize()),
                  decoder.begin().isPresent()));
        });
  }
}
