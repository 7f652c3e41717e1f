package io.batchwright.train.graph;

import io.batchwright.tensor.Tensor;

/** Brings rows of a lazily updated {@link Parameter} up to date before they are read. */
public interface RowRefresher {
  /** For parameters whose rows never lag behind. */
  RowRefresher NONE =
      new RowRefresher() {
        @Override
        public void refresh(Tensor rows) {}

        @Override
        public void refreshAll() {}
      };

  /** Brings the rows named by {@code rows} (I32, any order, repeats allowed) up to date. */
  void refresh(Tensor rows);

  /** Brings every row up to date. */
  void refreshAll();
}
