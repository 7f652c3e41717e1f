package io.batchwright.data.dedup;

import java.util.Iterator;

/**
 * The links that one task sees, reduced to a spanning forest before they travel: at most one edge a
 * node, however often it was linked.
 */
final class Contraction {
  /** Nodes held before the forest is given away: about 160 MB. */
  private static final int MAX_NODES = 1 << 22;

  private UnionFind forest = new UnionFind();

  void link(long a, long b) {
    forest.unite(a, b);
  }

  /** Whether the forest must be drained before further links. */
  boolean isFull() {
    return forest.size() >= MAX_NODES;
  }

  /** Empties the forest: each of its nodes but the roots, with its root. */
  <T> Iterator<T> drain(Edge<T> shape) {
    UnionFind full = forest;
    forest = new UnionFind();
    return new Iterator<>() {
      private int at = seek(0);

      @Override
      public boolean hasNext() {
        return at < full.size();
      }

      @Override
      public T next() {
        T edge = shape.of(full.node(at), full.root(at));
        at = seek(at + 1);
        return edge;
      }

      private int seek(int from) {
        int i = from;
        while (i < full.size() && full.node(i) == full.root(i)) {
          i++;
        }
        return i;
      }
    };
  }

  /** Makes what an edge is given away as. */
  @FunctionalInterface
  interface Edge<T> {
    T of(long node, long root);
  }
}
