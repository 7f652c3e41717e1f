package io.batchwright.data.batch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.batchwright.data.failure.BatchwrightException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What makes the shards of one epoch visible. It is written last; files it does not name do not
 * exist for readers.
 *
 * @param format always {@value #FORMAT}
 * @param version the layout's version, {@value #VERSION}
 * @param seed the seed of the plan
 * @param epoch the epoch, from 0
 * @param lanes the number of lanes
 * @param steps the number of steps of the epoch
 * @param roles the roles whose texts each record batch holds
 * @param scores whether each text has a teacher's score; manifests without the key have none
 * @param guide whether each text has a guide's vector; manifests without the key have none
 * @param knownPositives whether each sample has all known positives of its query; manifests without
 *     the key have none
 * @param samplesPerStep the global number of samples of each step
 * @param planFingerprint the plan these shards show
 * @param tokenizerSha256 the tokenizer whose ids they hold
 * @param stageAttempt the attempt of the stage that wrote them; an older attempt must not publish
 * @param files the files, by lane and first step
 */
public record ShardManifest(
    String format,
    int version,
    long seed,
    int epoch,
    int lanes,
    long steps,
    List<String> roles,
    boolean scores,
    boolean guide,
    boolean knownPositives,
    int[] samplesPerStep,
    String planFingerprint,
    String tokenizerSha256,
    int stageAttempt,
    List<ShardFile> files)
    implements Serializable {

  /** The value of {@code format}. */
  public static final String FORMAT = "batchwright-shards";

  /** The layout this code writes and reads. */
  public static final int VERSION = 1;

  /** The name of the manifest in the epoch's folder. */
  public static final String NAME = "manifest.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** The folder of {@code epoch} under {@code directory}. */
  public static Path folder(String directory, int epoch) {
    return new Path(directory, "epoch-%05d".formatted(epoch));
  }

  /** Whether the shards of {@code epoch} are complete. */
  public static boolean exists(String directory, int epoch, Configuration hadoop)
      throws IOException {
    Path path = new Path(folder(directory, epoch), NAME);
    return path.getFileSystem(hadoop).exists(path);
  }

  /** Reads the manifest of {@code epoch} under {@code directory}. */
  public static ShardManifest read(String directory, int epoch, Configuration hadoop)
      throws IOException {
    Path path = new Path(folder(directory, epoch), NAME);
    try (InputStream in = path.getFileSystem(hadoop).open(path)) {
      ShardManifest manifest = JSON.readValue(in, ShardManifest.class);
      if (!FORMAT.equals(manifest.format) || manifest.version != VERSION) {
        throw BatchwrightException.data(
            "%s holds %s version %d; this build reads %s version %d"
                .formatted(path, manifest.format, manifest.version, FORMAT, VERSION));
      }
      return manifest;
    }
  }

  /**
   * Publishes these shards under {@code directory}.
   *
   * @throws IllegalStateException if a later stage attempt has published already
   */
  void publish(String directory, Configuration hadoop) throws IOException {
    Path path = new Path(folder(directory, epoch), NAME);
    FileSystem files = path.getFileSystem(hadoop);
    if (files.exists(path)) {
      ShardManifest present = read(directory, epoch, hadoop);
      if (present.planFingerprint.equals(planFingerprint) && present.stageAttempt > stageAttempt) {
        throw new IllegalStateException(
            "attempt %d must not replace the shards of attempt %d in %s"
                .formatted(stageAttempt, present.stageAttempt, path));
      }
    }
    try (OutputStream out = files.create(path, true)) {
      out.write(JSON.writeValueAsBytes(this));
    }
  }

  ShardColumns columns() {
    return new ShardColumns(roles, scores, guide, knownPositives);
  }

  /** The files of {@code lane}, by first step. */
  public List<ShardFile> filesOf(int lane) {
    return files.stream().filter(file -> file.lane() == lane).toList();
  }
}
