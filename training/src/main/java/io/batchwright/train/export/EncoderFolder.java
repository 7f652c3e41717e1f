package io.batchwright.train.export;

import io.batchwright.train.model.BertConfig;
import io.batchwright.train.model.huggingface.BertFolder;
import io.batchwright.train.model.huggingface.PretrainedCopy;
import io.batchwright.train.model.huggingface.PretrainedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;

/**
 * Writes a trained encoder as a folder in Hugging Face's layout, with a model card and {@code
 * batchwright.json}. A folder that is there is replaced if it carries {@code batchwright.json} or
 * is empty.
 */
public final class EncoderFolder {
  private EncoderFolder() {}

  /**
   * Writes an encoder that was trained from random weights.
   *
   * @param weights each parameter by name, row by row
   * @throws io.batchwright.data.failure.BatchwrightException if the folder is not ours
   */
  public static void write(
      Path directory,
      BertFolder encoder,
      Map<String, float[]> weights,
      ModelCard card,
      SortedMap<String, String> provenance)
      throws IOException {
    BertConfig sizes = encoder.config();
    FolderFiles.publish(
        directory,
        provenance,
        folder -> {
          encoder.write(folder, weights);
          Files.writeString(
              folder.resolve("README.md"),
              card.markdown(
                  "bert",
                  "A BERT encoder of %d layers and %d dims, trained from random weights; %,d tokens."
                      .formatted(sizes.layers(), sizes.dims(), sizes.vocabularySize())));
        });
  }

  /**
   * Writes a fine-tuned encoder in the layout of the folder it started from.
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
