package io.batchwright.jobs.model;

import io.batchwright.train.export.Encoder;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;

/**
 * The encoders that this process has open: each model once, whatever the number of tasks. A model
 * stays open after its tasks for the next ones; of those in no use the newest {@value #KEPT} do.
 */
final class OpenModels {
  static final int KEPT = 2;

  private static final Map<String, Open> OPEN = new LinkedHashMap<>(8, 0.75f, true);

  private OpenModels() {}

  private static final class Open {
    private final Encoder encoder;
    private int users;

    Open(Encoder encoder) {
      this.encoder = encoder;
    }
  }

  /** A use of an open model, which keeps it open. */
  static final class Use implements AutoCloseable {
    private final String sha256;
    private final Encoder encoder;

    private Use(String sha256, Encoder encoder) {
      this.sha256 = sha256;
      this.encoder = encoder;
    }

    Encoder encoder() {
      return encoder;
    }

    @Override
    public void close() {
      release(sha256);
    }
  }

  /** Opens {@code model}, or uses the open one. */
  static Use use(ShippedModel model) {
    synchronized (OPEN) {
      Open open = OPEN.computeIfAbsent(model.sha256(), any -> new Open(model.open()));
      open.users++;
      return new Use(model.sha256(), open.encoder);
    }
  }

  /** The encoder of {@code model} until the running task ends. */
  static Encoder inTask(ShippedModel model) {
    Use use = use(model);
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) ended -> use.close());
    return use.encoder().truncated(model.truncateDims());
  }

  private static void release(String sha256) {
    synchronized (OPEN) {
      OPEN.get(sha256).users--;
      long idle = OPEN.values().stream().filter(open -> open.users == 0).count();
      Iterator<Open> oldestFirst = OPEN.values().iterator();
      while (idle > KEPT && oldestFirst.hasNext()) {
        Open open = oldestFirst.next();
        if (open.users == 0) {
          oldestFirst.remove();
          open.encoder.close();
          idle--;
        }
      }
    }
  }

  /** How many models are open. */
  static int count() {
    synchronized (OPEN) {
      return OPEN.size();
    }
  }
}
