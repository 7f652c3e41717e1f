package io.batchwright.train.checkpoint;

import io.batchwright.tensor.Tensor;
import io.batchwright.train.checkpoint.CheckpointManifest.StoredFile;
import io.batchwright.train.checkpoint.CheckpointManifest.StoredTensor;
import java.io.EOFException;
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
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The checkpoints of one run, in {@code DIR/checkpoints}.
 *
 * <p>A checkpoint exists once its manifest does. One whose manifest is missing or truncated, or
 * whose files do not match it, is passed over for the newest one that is whole.
 */
public final class Checkpoints {
  static final String PARAMETERS = "parameters.bin";
  static final String OPTIMIZER = "optimizer.bin";
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

  /** A whole checkpoint and where it lies. */
  public record Found(CheckpointManifest manifest, String folder) {}

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

  /**
   * Writes and publishes a checkpoint.
   *
   * @param describe the manifest without its files
   * @return the checkpoint's folder
   * @throws IllegalStateException if a later attempt has started
   */
  public String write(
      CheckpointManifest describe, Map<String, Tensor> parameters, Map<String, Tensor> optimizer)
      throws IOException {
    requireLatest(describe.attempt());
    Path folder = folder(describe.position().step());
    files.delete(new Path(folder, CheckpointManifest.NAME), false);
    List<StoredFile> stored =
        List.of(writeFile(folder, PARAMETERS, parameters), writeFile(folder, OPTIMIZER, optimizer));
    CheckpointManifest manifest =
        new CheckpointManifest(
            CheckpointManifest.FORMAT,
            CheckpointManifest.VERSION,
            describe.attempt(),
            describe.position(),
            describe.provenance(),
            describe.world(),
            describe.determinismKey(),
            describe.weightsSha256(),
            stored);
    requireLatest(describe.attempt());
    try (OutputStream out = files.create(new Path(folder, CheckpointManifest.NAME), true)) {
      out.write(manifest.toJson());
    }
    return folder.toString();
  }

  /** The newest whole checkpoint; every byte of it is checked. */
  public Optional<Found> newest() throws IOException {
    for (Path folder : foldersNewestFirst()) {
      try {
        CheckpointManifest manifest = manifest(folder);
        for (StoredFile file : manifest.files()) {
          verify(folder, file);
        }
        return Optional.of(new Found(manifest, folder.toString()));
      } catch (IOException incomplete) {
        // It was never finished, or has been damaged since: an older one must do.
      }
    }
    return Optional.empty();
  }

  /**
   * Copies a checkpoint's numbers into tensors of the same names and shapes.
   *
   * @throws IllegalArgumentException if names, types or shapes differ
   */
  public void restore(Found found, Map<String, Tensor> parameters, Map<String, Tensor> optimizer)
      throws IOException {
    restoreFile(found, PARAMETERS, parameters);
    restoreFile(found, OPTIMIZER, optimizer);
  }

  /** A checkpoint's parameters on the host, for export; they must be F32. */
  public List<Weights> parameters(Found found) throws IOException {
    StoredFile file = stored(found, PARAMETERS);
    List<Weights> all = new ArrayList<>();
    try (FSDataInputStream in = files.open(new Path(found.folder(), PARAMETERS))) {
      for (StoredTensor tensor : file.tensors()) {
        if (!tensor.dtype().equals("F32")) {
          throw new IllegalArgumentException(tensor.name() + " is " + tensor.dtype() + ", not F32");
        }
        int[] dims = tensor.dims().stream().mapToInt(Integer::intValue).toArray();
        int count = Arrays.stream(dims).reduce(1, Math::multiplyExact);
        float[] values = new float[count];
        byte[] buffer = new byte[Math.min(1 << 20, 4 * count)];
        for (int at = 0; at < count; at += buffer.length / 4) {
          int length = Math.min(buffer.length / 4, count - at);
          in.readFully(buffer, 0, 4 * length);
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

  /** Removes all but the {@code keep} newest published checkpoints, and what was never finished. */
  public void prune(int keep) throws IOException {
    int kept = 0;
    for (Path folder : foldersNewestFirst()) {
      boolean published = files.exists(new Path(folder, CheckpointManifest.NAME));
      if (published && kept < keep) {
        kept++;
      } else if (kept > 0) {
        files.delete(new Path(folder, CheckpointManifest.NAME), false);
        files.delete(folder, true);
      }
    }
  }

  private StoredFile writeFile(Path folder, String name, Map<String, Tensor> tensors)
      throws IOException {
    BlockHash hash = new BlockHash();
    List<StoredTensor> stored = new ArrayList<>();
    try (OutputStream out = files.create(new Path(folder, name), true)) {
      for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
        TensorBytes.read(
            entry.getValue(),
            (buffer, length) -> {
              out.write(buffer, 0, length);
              hash.update(buffer, length);
            });
        stored.add(describe(entry.getKey(), entry.getValue()));
      }
    }
    List<String> blocks = hash.finish();
    return new StoredFile(name, hash.bytes(), BlockHash.BLOCK_BYTES, blocks, stored);
  }

  private void restoreFile(Found found, String name, Map<String, Tensor> tensors)
      throws IOException {
    StoredFile file = stored(found, name);
    List<StoredTensor> wanted =
        tensors.entrySet().stream()
            .map(entry -> describe(entry.getKey(), entry.getValue()))
            .toList();
    if (!wanted.equals(file.tensors())) {
      throw new IllegalArgumentException(
          "%s/%s holds %s, and the model needs %s"
              .formatted(found.folder(), name, file.tensors(), wanted));
    }
    try (FSDataInputStream in = files.open(new Path(found.folder(), name))) {
      for (Tensor tensor : tensors.values()) {
        TensorBytes.write(tensor, (buffer, length) -> in.readFully(buffer, 0, length));
      }
    }
  }

  private static StoredFile stored(Found found, String name) throws IOException {
    return found
        .manifest()
        .file(name)
        .orElseThrow(() -> new IOException(found.folder() + " has no " + name));
  }

  private CheckpointManifest manifest(Path folder) throws IOException {
    try (InputStream in = files.open(new Path(folder, CheckpointManifest.NAME))) {
      return CheckpointManifest.parse(in.readAllBytes());
    }
  }

  private void verify(Path folder, StoredFile file) throws IOException {
    Path path = new Path(folder, file.name());
    if (files.getFileStatus(path).getLen() != file.bytes()
        || file.blockBytes() != BlockHash.BLOCK_BYTES) {
      throw new EOFException(path + " does not have the size its manifest states");
    }
    BlockHash hash = new BlockHash();
    byte[] buffer = new byte[1 << 20];
    try (InputStream in = files.open(path)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        hash.update(buffer, count);
      }
    }
    if (!hash.finish().equals(file.xxh3())) {
      throw new IOException(path + " is damaged: its hash is not the one its manifest states");
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

  private static StoredTensor describe(String name, Tensor tensor) {
    return new StoredTensor(
        name, tensor.dtype().name(), Arrays.stream(tensor.shape().dims()).boxed().toList());
  }
}
