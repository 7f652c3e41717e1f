package io.batchwright.train.checkpoint;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.checkpoint.CheckpointManifest.Content;
import io.batchwright.train.checkpoint.CheckpointManifest.StoredFile;
import io.batchwright.train.checkpoint.CheckpointManifest.StoredTensor;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The checkpoints of one run, in {@code DIR/checkpoints}.
 *
 * <p>A checkpoint exists once its manifest does. One whose manifest is missing or truncated was
 * never published; one whose files do not match it is damaged, and passed over for the newest one
 * that is whole.
 */
public final class Checkpoints {
  private static final String CLAIMS = "claims";
  private static final String STEP = "step-";

  private final Path root;
  private final FileSystem files;

  /**
   * The checkpoints under {@code directory}.
   *
   * @param directory the run's output folder, DIR
   */
  public Checkpoints(String directory, Configuration hadoop) throws IOException {
    this.root = new Path(directory, "checkpoints");
    this.files = root.getFileSystem(hadoop);
  }

  /**
   * A whole checkpoint and where it lies.
   *
   * @param damaged why newer ones were passed over, one line each
   */
  public record Found(CheckpointManifest manifest, String folder, List<String> damaged) {}

  /**
   * Says that {@code attempt} has started; earlier ones must not publish any more.
   *
   * @throws IllegalStateException if a later attempt has started already
   */
  public void claim(Attempt attempt) throws IOException {
    requireLatest(attempt);
    files.create(new Path(new Path(root, CLAIMS), attempt.toString()), true).close();
  }

  /** The launch after all that have claimed this folder. */
  public int nextLaunch() throws IOException {
    return latestClaim().map(claim -> claim.launch() + 1).orElse(0);
  }

  /** Where the checkpoint after {@code step} lies, or would. */
  public String folderOf(long step) {
    return folder(step).toString();
  }

  /**
   * Writes one rank's part of the checkpoint after {@code step}. Nobody sees it before {@link
   * #publish}.
   *
   * @throws IllegalStateException if a later attempt has started
   */
  public List<StoredFile> write(CheckpointPart part, long step, Attempt attempt)
      throws IOException {
    requireLatest(attempt);
    return part.write(files, folder(step), attempt);
  }

  /**
   * Publishes a checkpoint all of whose parts are written.
   *
   * @throws IllegalStateException if a later attempt has started
   */
  public void publish(CheckpointManifest manifest) throws IOException {
    requireLatest(manifest.attempt());
    Path folder = folder(manifest.position().step());
    try (OutputStream out = files.create(new Path(folder, CheckpointManifest.NAME), true)) {
      out.write(manifest.toJson());
    }
  }

  /**
   * The newest whole checkpoint; every byte of it is checked.
   *
   * @throws BatchwrightException with exit code 3 if there are published checkpoints and none is
   *     whole, or the newest is of another format or version
   */
  public Optional<Found> newest() throws IOException {
    List<String> damaged = new ArrayList<>();
    for (Path folder : foldersNewestFirst()) {
      Optional<CheckpointManifest> manifest = manifest(folder);
      if (manifest.isEmpty()) {
        continue;
      }
      try {
        StoredBytes.verify(files, folder, manifest.get());
        return Optional.of(new Found(manifest.get(), folder.toString(), damaged));
      } catch (IOException e) {
        damaged.add(e.getMessage());
      }
    }
    if (!damaged.isEmpty()) {
      throw BatchwrightException.data(
          "No checkpoint in %s is whole: %s. Bring back a copy of one, or delete that folder to train from the start."
              .formatted(root, String.join("; ", damaged)));
    }
    return Optional.empty();
  }

  /**
   * The checkpoint after {@code step}; every byte of it is checked.
   *
   * @throws BatchwrightException with exit code 3 if there is none, or it is damaged
   */
  public Found at(long step) throws IOException {
    Path folder = folder(step);
    CheckpointManifest manifest =
        manifest(folder)
            .orElseThrow(
                () ->
                    BatchwrightException.data(
                        "The checkpoint of the best validation, %s, is gone.".formatted(folder)));
    try {
      StoredBytes.verify(files, folder, manifest);
    } catch (IOException e) {
      throw BatchwrightException.data(
          "The checkpoint of the best validation is damaged: " + e.getMessage(), e);
    }
    return new Found(manifest, folder.toString(), List.of());
  }

  /**
   * Copies a checkpoint's parameters into tensors of the same names and shapes.
   *
   * @throws BatchwrightException with exit code 3 if names, types or shapes differ
   */
  public void restore(Found found, Map<String, Tensor> parameters) throws IOException {
    TensorSequence model = new TensorSequence(parameters);
    requireSame(found, found.manifest().parameters(), model.described());
    try (StoredBytes in = open(found, Content.PARAMETERS)) {
      model.write(in::fill);
    }
  }

  /**
   * Copies a checkpoint's numbers into tensors of the same names and shapes.
   *
   * @throws BatchwrightException with exit code 3 if names, types or shapes differ; nothing is
   *     changed then
   */
  public void restore(Found found, Map<String, Tensor> parameters, Map<String, Tensor> optimizer)
      throws IOException {
    TensorSequence model = new TensorSequence(parameters);
    TensorSequence state = new TensorSequence(optimizer);
    requireSame(found, found.manifest().parameters(), model.described());
    requireSame(found, found.manifest().optimizer(), state.described());
    try (StoredBytes in = open(found, Content.PARAMETERS)) {
      model.write(in::fill);
    }
    try (StoredBytes in = open(found, Content.OPTIMIZER)) {
      state.write(in::fill);
    }
  }

  private static void requireSame(Found found, List<StoredTensor> theirs, List<StoredTensor> ours) {
    for (int i = 0; i < Math.max(theirs.size(), ours.size()); i++) {
      String there = i < theirs.size() ? theirs.get(i).toString() : "nothing";
      String here = i < ours.size() ? ours.get(i).toString() : "nothing";
      if (!there.equals(here)) {
        throw BatchwrightException.data(
            "The checkpoint %s is of another model or optimizer: tensor %d is %s there and %s here."
                .formatted(found.folder(), i + 1, there, here));
      }
    }
  }

  /** A checkpoint's parameters on the host, for export; they must be F32. */
  public List<Weights> parameters(Found found) throws IOException {
    List<Weights> all = new ArrayList<>();
    try (StoredBytes in = open(found, Content.PARAMETERS)) {
      for (StoredTensor tensor : found.manifest().parameters()) {
        if (!tensor.dtype().equals("F32")) {
          throw new IllegalArgumentException(tensor.name() + " is " + tensor.dtype() + ", not F32");
        }
        int[] dims = tensor.dims().stream().mapToInt(Integer::intValue).toArray();
        float[] values = new float[Arrays.stream(dims).reduce(1, Math::multiplyExact)];
        byte[] buffer = new byte[Math.min(1 << 20, 4 * values.length)];
        for (int at = 0; at < values.length; at += buffer.length / 4) {
          int length = Math.min(buffer.length / 4, values.length - at);
          in.fill(buffer, 4 * length);
          ByteBuffer.wrap(buffer)
              .order(ByteOrder.LITTLE_ENDIAN)
              .asFloatBuffer()
              .get(values, at, length);
        }
        all.add(new Weights(tensor.name(), dims, values));
      }
    }
    return all;
  }

  private StoredBytes open(Found found, Content content) {
    return new StoredBytes(files, new Path(found.folder()), found.manifest(), content);
  }

  /**
   * Removes all but the {@code keep} newest published checkpoints, and what was never finished.
   *
   * @param best a step whose checkpoint stays, whatever its age; -1 for none
   */
  public void prune(int keep, long best) throws IOException {
    int kept = 0;
    for (Path folder : foldersNewestFirst()) {
      boolean published = files.exists(new Path(folder, CheckpointManifest.NAME));
      if (published && kept < keep) {
        kept++;
      } else if (kept > 0 && !folder.getName().equals(folder(best).getName())) {
        files.delete(new Path(folder, CheckpointManifest.NAME), false);
        files.delete(folder, true);
      }
    }
  }

  /** Nothing where the checkpoint was never published. */
  private Optional<CheckpointManifest> manifest(Path folder) throws IOException {
    byte[] json;
    try (InputStream in = files.open(new Path(folder, CheckpointManifest.NAME))) {
      json = in.readAllBytes();
    } catch (FileNotFoundException | ChecksumException unfinished) {
      return Optional.empty();
    }
    try {
      return Optional.of(CheckpointManifest.parse(json));
    } catch (BatchwrightException e) {
      throw BatchwrightException.data(
          "The checkpoint %s cannot be used: %s.".formatted(folder, e.getMessage()), e);
    } catch (IOException truncated) {
      return Optional.empty();
    }
  }

  private List<Path> foldersNewestFirst() throws IOException {
    try {
      return Arrays.stream(files.listStatus(root))
          .filter(FileStatus::isDirectory)
          .map(FileStatus::getPath)
          .filter(path -> path.getName().startsWith(STEP))
          .sorted(Comparator.comparing(Path::getName).reversed())
          .toList();
    } catch (FileNotFoundException none) {
      return List.of();
    }
  }

  private Optional<Attempt> latestClaim() throws IOException {
    try {
      return Arrays.stream(files.listStatus(new Path(root, CLAIMS)))
          .map(status -> Attempt.parse(status.getPath().getName()))
          .max(Comparator.naturalOrder());
    } catch (FileNotFoundException none) {
      return Optional.empty();
    }
  }

  private void requireLatest(Attempt attempt) throws IOException {
    Optional<Attempt> latest = latestClaim();
    if (latest.isPresent() && latest.get().compareTo(attempt) > 0) {
      throw new IllegalStateException(
          "attempt %s must not publish checkpoints in %s: attempt %s has started since"
              .formatted(attempt, root, latest.get()));
    }
  }

  private Path folder(long step) {
    return new Path(root, STEP + "%08d".formatted(step));
  }
}
