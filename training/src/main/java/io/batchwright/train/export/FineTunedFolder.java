package io.batchwright.train.export;

import io.batchwright.train.model.BertConfig;
import io.batchwright.train.model.huggingface.PretrainedCopy;
import io.batchwright.train.model.huggingface.PretrainedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;

/**
 * Writes a fine-tuned encoder as a folder in the layout of the one it started from, with a model
 * card of its own and {@code batchwright.json}.
 */
public final class FineTunedFolder {
  private FineTunedFolder() {}

  /**
   * Writes the folder {@code directory}. One that is there is replaced if it carries {@code
   * batchwright.json} or is empty.
   *
   * @param copy of the folder that training started from
   * @param weights each parameter by name, row by row
   * @throws io.batchwright.data.failure.BatchwrightException if the folder is not ours
   */
  public static void write(
      Path directory,
      PretrainedCopy copy,
      Map<String, float[]> weights,
      ModelCard card,
      SortedMap<String, String> provenance)
      throws IOException {
    PretrainedFolder source = copy.source();
    BertConfig sizes = source.config();
    FolderFiles.publish(
        directory,
        provenance,
        folder -> {
          copy.write(folder, weights);
          Files.writeString(
              folder.resolve("README.md"),
              card.markdown(
                  source.architecture().modelType(),
                  "A %s encoder of %d layers and %d dims, fine-tuned; the card of the model it"
                          .formatted(
                              source.architecture().modelType(), sizes.layers(), sizes.dims())
                      + " started from, if it had one, is "
                      + PretrainedCopy.OLD_CARD
                      + "."));
        });
  }
}
