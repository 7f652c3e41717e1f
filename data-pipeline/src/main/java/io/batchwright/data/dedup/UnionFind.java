package io.batchwright.data.dedup;

import java.util.Arrays;

/** Union-find over primitive arrays with path halving; a component's root is its least node. */
final class UnionFind {
  private final long[] nodes; // ascending, distinct
  private final int[] parents;

  private UnionFind(long[] nodes) {
    this.nodes = nodes;
    parents = new int[nodes.length];
    Arrays.setAll(parents, i -> i);
  }

  /** The components of the edges {@code a[i] - b[i]}. */
  static UnionFind of(long[] a, long[] b) {
    long[] ends = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, ends, a.length, b.length);
    UnionFind forest = new UnionFind(Arrays.stream(ends).sorted().distinct().toArray());
    for (int i = 0; i < a.length; i++) {
      forest.unite(forest.indexOf(a[i]), forest.indexOf(b[i]));
    }
    return forest;
  }

  int size() {
    return nodes.length;
  }

  long node(int index) {
    return nodes[index];
  }

  long root(int index) {
    return nodes[find(index)];
  }

  private int indexOf(long node) {
    return Arrays.binarySearch(nodes, node);
  }

  private void unite(int left, int right) {
    int one = find(left);
    int two = find(right);
    if (one < two) {
      parents[two] = one;
    } else {
      parents[one] = two;
    }
  }

  private int find(int index) {
    int at = index;
    while (parents[at] != at) {
      parents[at] = parents[parents[at]];
      at = parents[at];
    }
    return at;
  }
}
