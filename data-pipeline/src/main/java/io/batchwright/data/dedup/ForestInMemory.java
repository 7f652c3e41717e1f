package io.batchwright.data.dedup;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Components of dense nodes in one task: union-find over an int a document, outside the heap.
 *
 * <p>In one partition: {@link StarEdges#SCHEMA}. Out: (node, root) of each node with an edge.
 *
 * @param nodes nodes are below it; at most 2^31 - 1
 */
record ForestInMemory(long nodes) implements MapPartitionsFunction<Row, Row> {
  private static final int ABSENT = -1;

  @Override
  public Iterator<Row> call(Iterator<Row> edges) {
    Forest forest = new Forest((int) nodes);
    if (TaskContext.get() != null) {
      TaskContext.get().addTaskCompletionListener((TaskCompletionListener) end -> forest.free());
    }
    while (edges.hasNext()) {
      Row edge = edges.next();
      forest.unite((int) edge.getLong(0), (int) edge.getLong(1));
    }
    return forest.members();
  }

  private static final class Forest {
    private final int nodes;
    private final long parents;
    private boolean freed;

    Forest(int nodes) {
      this.nodes = nodes;
      parents = Platform.allocateMemory(4L * nodes);
      Platform.setMemory(parents, (byte) ABSENT, 4L * nodes);
    }

    void free() {
      if (!freed) {
        freed = true;
        Platform.freeMemory(parents);
      }
    }

    void unite(int a, int b) {
      int one = find(a);
      int two = find(b);
      if (one < two) {
        set(two, one);
      } else {
        set(one, two);
      }
    }

    private int find(int node) {
      int at = node;
      int parent = get(at);
      if (parent == ABSENT) {
        set(node, node);
        return node;
      }
      while (parent != at) {
        int above = get(parent);
        set(at, above);
        at = above;
        parent = get(at);
      }
      return at;
    }

    private int get(int node) {
      return Platform.getInt(null, parents + 4L * node);
    }

    private void set(int node, int parent) {
      Platform.putInt(null, parents + 4L * node, parent);
    }

    Iterator<Row> members() {
      return new Iterator<>() {
        private int next = seek(0);

        @Override
        public boolean hasNext() {
          return next < nodes;
        }

        @Override
        public Row next() {
          if (!hasNext()) {
            throw new NoSuchElementException();
          }
          Row row = RowFactory.create((long) next, (long) find(next));
          next = seek(next + 1);
          return row;
        }
      };
    }

    private int seek(int from) {
      int node = from;
      while (node < nodes && get(node) == ABSENT) {
        node++;
      }
      return node;
    }
  }
}
