package io.batchwright.jobs.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.failure.BatchwrightException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The output folder of a run, and what it means that something stands there already.
 *
 * <p>A folder that a run replaces stays as it is until the new output, made beside it, is complete.
 */
final class RunFolder {
  private final Path target;
  private final Configuration hadoop;
  private Path dir;
  private Optional<ObjectNode> resumed = Optional.empty();
  private boolean finished;

  private RunFolder(Path target, Configuration hadoop) {
    this.target = target;
    this.hadoop = hadoop;
    this.dir = target;
  }

  /**
   * Settles what a run of {@code identity} does with {@code target}.
   *
   * @throws BatchwrightException with exit code 2 where it must not go on, saying why and how it
   *     could
   */
  static RunFolder settle(
      Path target, Configuration hadoop, RunIdentity identity, OnExisting onExisting) {
    RunFolder folder = new RunFolder(target, hadoop);
    try {
      folder.settle(identity, onExisting);
    } catch (IOException e) {
      throw FileFailure.of(e, "use the output folder " + target);
    }
    return folder;
  }

  private void settle(RunIdentity identity, OnExisting onExisting) throws IOException {
    Optional<ObjectNode> previous = RunRecord.read(target, hadoop);
    if (previous.isEmpty()) {
      requireEmpty();
      return;
    }
    if (onExisting == OnExisting.OVERWRITE) {
      dir = target.suffix(".new");
      FileSystem files = target.getFileSystem(hadoop);
      if (files.exists(dir) && RunRecord.read(dir, hadoop).isEmpty()) {
        throw BatchwrightException.usage(
            dir + " is in the way and was not written by Batchwright; move it first.");
      }
      files.delete(dir, true);
      return;
    }
    List<String> differences =
        identity.differences(previous.get(), onExisting == OnExisting.RESUME);
    String status = previous.get().path("status").asText();
    if (!differences.isEmpty()) {
      boolean mayGoOn = identity.differences(previous.get(), true).isEmpty();
      throw BatchwrightException.usage(
          "%s holds another run (%s, %s), which differs in:\n  %s\n%s another --out, or replace it with --overwrite."
              .formatted(
                  target,
                  previous.get().path("job").asText(),
                  status,
                  String.join("\n  ", differences),
                  mayGoOn ? "Continue it so with --resume. Or choose" : "Choose"));
    }
    boolean done = status.equals(RunStatus.DONE.text());
    if (done && !identity.extendsJobOf(previous.get())) {
      finished = true;
    } else if (done || onExisting == OnExisting.RESUME) {
      resumed = previous;
    } else {
      throw BatchwrightException.usage(
          "%s holds an unfinished run of the same recipe (%s). Continue it with --resume, or start anew with --overwrite."
              .formatted(target, status));
    }
  }

  private void requireEmpty() throws IOException {
    FileSystem files = target.getFileSystem(hadoop);
    if (!files.exists(target)) {
      return;
    }
    if (!files.getFileStatus(target).isDirectory()) {
      throw BatchwrightException.usage(target + " is a file; --out must be a folder.");
    }
    for (FileStatus file : files.listStatus(target)) {
      if (!RunLock.FILE.equals(file.getPath().getName())) {
        throw BatchwrightException.usage(
            "%s is not empty and was not written by Batchwright (it has no %s). Choose another --out."
                .formatted(target, RunRecord.FILE));
      }
    }
  }

  /** The folder to write to. */
  Path dir() {
    return dir;
  }

  /** The folder that the output ends up in. */
  Path target() {
    return target;
  }

  /** Whether the same run is done already. */
  boolean finished() {
    return finished;
  }

  /** {@code run.json} of the unfinished or shorter run to go on with, or empty. */
  Optional<ObjectNode> resumed() {
    return resumed;
  }

  /** Puts a complete output in the place of the one it replaces. */
  void publish() {
    if (dir.equals(target)) {
      return;
    }
    try {
      FileSystem files = target.getFileSystem(hadoop);
      files.delete(target, true);
      if (!files.rename(dir, target)) {
        throw new IOException("rename failed; the new output is complete in " + dir);
      }
    } catch (IOException e) {
      throw FileFailure.of(e, "replace " + target);
    }
  }
}
