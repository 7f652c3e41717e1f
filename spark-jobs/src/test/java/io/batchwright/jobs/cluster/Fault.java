package io.batchwright.jobs.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.spark.SparkEnv;

/**
 * What befalls one rank of one run, once, in its first attempt. The ranks and the test talk through
 * files in {@code signals}.
 *
 * @param kind what happens
 * @param rank to whom
 * @param phase in the middle of what
 * @param signals an empty folder
 */
record Fault(Kind kind, int rank, Phase phase, String signals) implements Serializable {
  enum Kind {
    /** kill -9 */
    KILL,
    /** SIGSTOP */
    FREEZE,
    /** The machine's network is gone for a while. */
    CUT,
    /** No byte can be written any more. */
    FULL_DISK
  }

  enum Phase {
    FORWARD,
    REDUCE,
    CHECKPOINT
  }

  static final String STRUCK = "struck";
  static final String RESUMED = "resumed";
  static final String CUT_WANTED = "cut-wanted";
  static final String CUT_DONE = "cut-done";

  /** Strikes the process that calls it, at its first call. */
  void strike() {
    if (!signal(STRUCK, Long.toString(System.currentTimeMillis()))) {
      return;
    }
    switch (kind) {
      case KILL -> send("-KILL");
      case FREEZE -> send("-STOP");
      case CUT -> {
        signal(CUT_WANTED, SparkEnv.get().blockManager().blockManagerId().host());
        await(CUT_DONE, Duration.ofSeconds(20));
      }
      case FULL_DISK -> FaultyFileSystem.fillUp();
    }
  }

  boolean struck() {
    return Files.exists(Path.of(signals, STRUCK));
  }

  /** Leaves a file, unless it is there; says whether it was not. */
  boolean signal(String name, String text) {
    try {
      Path written = Files.createTempFile(Path.of(signals), name, ".tmp");
      Files.writeString(written, text);
      Files.createLink(Path.of(signals, name), written);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for a file; says whether it came. */
  boolean await(String name, Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!Files.exists(Path.of(signals, name))) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  /** The time, in milliseconds since 1970, that a file holds. */
  long timeOf(String name) throws IOException {
    return Long.parseLong(Files.readString(Path.of(signals, name)));
  }

  private static void send(String signal) {
    String pid = Long.toString(ProcessHandle.current().pid());
    try {
      new ProcessBuilder("kill", signal, pid).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "%s of %s in %s".formatted(kind, rank == 0 ? "rank 0" : "another rank", phase);
  }
}
