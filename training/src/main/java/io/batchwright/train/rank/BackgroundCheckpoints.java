package io.batchwright.train.rank;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.checkpoint.CheckpointManifest;
import io.batchwright.train.checkpoint.CheckpointManifest.StoredFile;
import io.batchwright.train.checkpoint.CheckpointPart;
import io.batchwright.train.checkpoint.Checkpoints;
import io.batchwright.train.collective.Collective;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/**
 * Checkpoints that are written while training goes on. Each rank writes its part; once all parts
 * are there, rank 0 publishes the manifest. One checkpoint is under way at a time.
 *
 * <p>All ranks call {@link #start}, {@link #poll} and {@link #finish} after the same steps, since
 * each may exchange a few bytes. A write that fails is thrown by the next call.
 */
final class BackgroundCheckpoints implements AutoCloseable {
  private final Checkpoints checkpoints;
  private final Collective ranks;
  private final int keep;
  private final Duration patience;
  private final CheckpointPart part;
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "batchwright-checkpoint");
            thread.setDaemon(true);
            return thread;
          });
  private Pending pending;
  private Future<Void> publishing;

  /** What happens on the writer's thread before the checkpoint may be published. */
  interface Preparation {
    void run() throws IOException;
  }

  private record Pending(CheckpointManifest manifest, Future<List<StoredFile>> own) {}

  /**
   * @param keep how many published checkpoints remain
   * @param patience how long ranks may wait for each other; none is silent for so long only because
   *     its store is slow
   */
  BackgroundCheckpoints(Checkpoints checkpoints, Collective ranks, int keep, Duration patience) {
    this.checkpoints = checkpoints;
    this.ranks = ranks;
    this.keep = keep;
    this.patience = patience;
    this.part = new CheckpointPart(ranks.rank(), ranks.world());
  }

  /**
   * Copies this rank's part and starts to write it, after the checkpoint before is published.
   *
   * @param describe the manifest without its tensors and files
   * @param preparation what must be written before this checkpoint is published
   */
  void start(
      CheckpointManifest describe,
      Map<String, Tensor> parameters,
      Map<String, Tensor> optimizer,
      Preparation preparation)
      throws IOException {
    finish();
    part.copy(parameters, optimizer);
    long step = describe.position().step();
    Future<List<StoredFile>> own =
        writer.submit(
            () -> {
              preparation.run();
              return checkpoints.write(part, step, describe.attempt());
            });
    pending = new Pending(describe, own);
  }

  /** Publishes the checkpoint under way if all ranks have written their parts. */
  void poll() throws IOException {
    if (publishing != null && publishing.isDone()) {
      result(publishing);
    }
    if (pending == null) {
      return;
    }
    ranks.position("checkpoint of step " + pending.manifest().position().step());
    double[] written = {pending.own().isDone() ? 1 : 0};
    List<StoredFile> own = written[0] == 1 ? result(pending.own()) : List.of();
    ranks.allReduce(written);
    if (written[0] == ranks.world()) {
      publish(own);
    }
  }

  /** Waits until the checkpoint under way is published. */
  void finish() throws IOException {
    while (pending != null) {
      await(pending.own(), patience.dividedBy(4));
      poll();
    }
    if (publishing != null) {
      result(publishing);
    }
  }

  private void publish(List<StoredFile> own) {
    CheckpointManifest describe = pending.manifest();
    List<StoredFile> files = allFiles(own);
    pending = null;
    if (ranks.rank() != 0) {
      return;
    }
    CheckpointManifest manifest =
        new CheckpointManifest(
            CheckpointManifest.FORMAT,
            CheckpointManifest.VERSION,
            describe.attempt(),
            describe.position(),
            describe.provenance(),
            describe.world(),
            describe.determinismKey(),
            describe.best(),
            part.parameters(),
            part.optimizer(),
            files);
    publishing =
        writer.submit(
            () -> {
              checkpoints.publish(manifest);
              checkpoints.prune(keep, manifest.best().endsWith(-1));
              return null;
            });
  }

  /** The files of all ranks, in the order of ranks. */
  private List<StoredFile> allFiles(List<StoredFile> own) {
    byte[] text = CheckpointManifest.toJson(own).getBytes(StandardCharsets.UTF_8);
    int[] lengths = ranks.allGather(text.length);
    int[] all =
        ranks.allGather(IntStream.range(0, text.length).map(i -> text[i]).toArray(), lengths);
    List<StoredFile> files = new ArrayList<>();
    int at = 0;
    for (int length : lengths) {
      byte[] theirs = new byte[length];
      for (int i = 0; i < length; i++) {
        theirs[i] = (byte) all[at++];
      }
      files.addAll(CheckpointManifest.filesFromJson(new String(theirs, StandardCharsets.UTF_8)));
    }
    return files;
  }

  private static void await(Future<?> future, Duration atMost) {
    try {
      future.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // Whoever asks for the result next is told.
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private <T> T result(Future<T> future) throws IOException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw BatchwrightException.resources(
            "Rank %d cannot write its checkpoint: %s".formatted(ranks.rank(), cause.getMessage()),
            cause);
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("a checkpoint was not written", e.getCause());
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static IllegalStateException interrupted() {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting for a checkpoint");
  }

  /** Gives up what is under way; {@link #finish} first where it matters. */
  @Override
  public void close() {
    writer.shutdownNow();
  }
}
