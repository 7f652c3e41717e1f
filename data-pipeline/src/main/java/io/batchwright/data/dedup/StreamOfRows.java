package io.batchwright.data.dedup;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;

/**
 * Rows made from rows: each input row may put out any number, and so may the end of the input. Only
 * what one input row puts out is ever held.
 */
abstract class StreamOfRows implements Iterator<Row> {
  private final Iterator<Row> input;
  private final Deque<Row> ready = new ArrayDeque<>();
  private Iterator<Row> drained = Collections.emptyIterator();
  private boolean ended;

  StreamOfRows(Iterator<Row> input) {
    this.input = input;
  }

  /** Takes in the next row. */
  abstract void accept(Row row);

  /** The input has ended. */
  void end() {}

  /** Puts out one row. */
  final void emit(Row row) {
    ready.add(row);
  }

  /** Puts out rows that are made as they are taken; before any further input. */
  final void emitAll(Iterator<Row> rows) {
    if (drained.hasNext()) {
      throw new IllegalStateException("rows are still being given away");
    }
    drained = rows;
  }

  @Override
  public final boolean hasNext() {
    while (ready.isEmpty() && !drained.hasNext()) {
      if (ended) {
        return false;
      }
      if (input.hasNext()) {
        accept(input.next());
      } else {
        ended = true;
        end();
      }
    }
    return true;
  }

  @Override
  public final Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.isEmpty() ? drained.next() : ready.remove();
  }
}
