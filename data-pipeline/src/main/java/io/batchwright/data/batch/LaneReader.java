package io.batchwright.data.batch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/** One lane of an epoch, with the file of the current step mapped. */
final class LaneReader implements AutoCloseable {
  private final org.apache.hadoop.fs.Path folder;
  private final ShardManifest manifest;
  private final List<ShardFile> files;
  private final Path staging;
  private final FileSystem fileSystem;
  private ShardFile current;
  private ShardFileReader reader;
  private Path staged;

  LaneReader(String directory, ShardManifest manifest, int lane, Path staging, Configuration hadoop)
      throws IOException {
    this.folder = ShardManifest.folder(directory, manifest.epoch());
    this.manifest = manifest;
    this.files = manifest.filesOf(lane);
    this.staging = staging;
    this.fileSystem = folder.getFileSystem(hadoop);
  }

  StepBatch read(long step) throws IOException {
    if (current == null || !holds(current, step)) {
      open(fileOf(step));
    }
    return reader.read(step);
  }

  private ShardFile fileOf(long step) {
    return files.stream()
        .filter(file -> holds(file, step))
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("no shard file holds step " + step + " in " + folder));
  }

  private static boolean holds(ShardFile file, long step) {
    return step >= file.firstStep() && step < file.firstStep() + file.steps();
  }

  private void open(ShardFile file) throws IOException {
    close();
    org.apache.hadoop.fs.Path source = new org.apache.hadoop.fs.Path(folder, file.name());
    Path local;
    if (fileSystem.getScheme().equals("file")) {
      local = Path.of(fileSystem.makeQualified(source).toUri().getPath());
    } else {
      Files.createDirectories(staging);
      staged = Files.createTempFile(staging, "shard-", ".arrow");
      fileSystem.copyToLocalFile(
          false, source, new org.apache.hadoop.fs.Path(staged.toUri()), true);
      local = staged;
    }
    reader = new ShardFileReader(local, file, manifest.columns());
    current = file;
  }

  @Override
  public void close() throws IOException {
    reader = null;
    current = null;
    if (staged != null) {
      // The mapping outlives the name.
      Files.deleteIfExists(staged);
      staged = null;
    }
  }
}
