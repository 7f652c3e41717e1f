package io.batchwright.train.rank;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Reads the next element while the caller works on the current one. */
final class ReadAhead<T> implements Iterator<T>, AutoCloseable {
  private final Iterator<T> source;
  private final ExecutorService reader =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "batchwright-read-ahead");
            thread.setDaemon(true);
            return thread;
          });
  private Future<T> next;

  ReadAhead(Iterator<T> source) {
    this.source = source;
    this.next = reader.submit(this::read);
  }

  @Override
  public boolean hasNext() {
    return await() != null;
  }

  @Override
  public T next() {
    T element = await();
    if (element == null) {
      throw new NoSuchElementException("the epoch is over");
    }
    next = reader.submit(this::read);
    return element;
  }

  private T read() {
    return source.hasNext() ? source.next() : null;
  }

  private T await() {
    try {
      return next.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("the next batch cannot be read", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a batch", e);
    }
  }

  /** Waits for a read under way, so that its source can be closed. */
  @Override
  public void close() {
    reader.shutdown();
    try {
      reader.awaitTermination(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
