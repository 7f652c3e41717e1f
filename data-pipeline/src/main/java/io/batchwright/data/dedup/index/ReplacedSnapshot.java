package io.batchwright.data.dedup.index;

/**
 * A version of a snapshot that a late correction replaced; its entries stay in a partition of their
 * own, for {@link DedupIndex#rollback}.
 *
 * @param snapshot the snapshot as it was
 * @param until the commit that replaced it
 */
record ReplacedSnapshot(SnapshotInfo snapshot, long until) {

  /** The partition of its entries; no snapshot's name begins like this. */
  String partition() {
    return IndexEntries.ASIDE + snapshot.name() + "." + snapshot.generation();
  }

  /** Whether this was the snapshot right after the commit {@code generation}. */
  boolean stoodAt(long generation) {
    return snapshot.generation() <= generation && generation < until;
  }

  ReplacedSnapshot until(long generation) {
    return new ReplacedSnapshot(snapshot, generation);
  }

  ReplacedSnapshot with(SnapshotInfo other) {
    return new ReplacedSnapshot(other, until);
  }
}
