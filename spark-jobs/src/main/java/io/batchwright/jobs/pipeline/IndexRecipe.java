package io.batchwright.jobs.pipeline;

import io.batchwright.data.dedup.index.DedupIndex;
import io.batchwright.jobs.run.Flag;
import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.List;

/**
 * Incremental deduplication: the index that earlier snapshots are in, and what to do with it.
 *
 * @param dir the folder of the index ({@code --index}); empty: none
 * @param snapshot the snapshot that the input is ({@code --snapshot}), such as a date; also what
 *     {@code {snapshot}} stands for in paths and queries of sources, and what {@link Action#DELETE}
 *     and {@link Action#ROLLBACK} go by
 * @param from the first snapshot of a backfill ({@code --from}), with {@code to}; snapshots are
 *     those whose names stand at {@code {snapshot}} in the sources' paths
 * @param to the last snapshot of a backfill ({@code --to})
 * @param action what to do ({@code --action})
 * @param erase a file of doc_ids to erase, one a line ({@code --erase}); implies {@link
 *     Action#ERASE}
 * @param vacuumHours {@link Action#COMPACT} deletes files that no commit of so many hours refers
 *     to, at least 0; below 168, runs that read the index meanwhile may fail
 */
public record IndexRecipe(
    String dir,
    String snapshot,
    String from,
    String to,
    Action action,
    String erase,
    double vacuumHours)
    implements Serializable {

  /** Each key as a flag of {@code dedup}. */
  static final List<Flag> FLAGS =
      List.of(
          new Flag("--index", "index.dir", "the folder of the index of earlier snapshots"),
          new Flag("--snapshot", "index.snapshot", "the snapshot that the input is"),
          new Flag("--from", "index.from", "the first snapshot of a backfill"),
          new Flag("--to", "index.to", "the last snapshot of a backfill"),
          new Flag("--action", "index.action", "update, delete, rollback, erase or compact"),
          new Flag("--erase", "index.erase", "a file of doc_ids to erase from the index"));

  /** What a run does with the index. */
  public enum Action {
    /** Deduplicates a snapshot against it, and enters what is kept. */
    UPDATE,
    /** Deletes a snapshot. */
    DELETE,
    /** Deletes every snapshot that was written after the named one. */
    ROLLBACK,
    /** Takes documents out of all snapshots. */
    ERASE,
    /** Joins small files and deletes old ones. */
    COMPACT
  }

  /** No index. */
  public static final IndexRecipe DEFAULTS =
      new IndexRecipe("", "", "", "", Action.UPDATE, "", 168);

  public IndexRecipe {
    Check.that(action != null, "IndexRecipe.action", "must be given");
    if (!erase.isEmpty()) {
      Check.that(
          action == Action.UPDATE || action == Action.ERASE,
          "IndexRecipe.erase",
          "goes with no other action than erase, got " + action);
      action = Action.ERASE;
    }
    Check.atLeast("IndexRecipe.vacuumHours", vacuumHours, 0);
    Check.that(
        !dir.isEmpty() || snapshot.isEmpty() && from.isEmpty() && action == Action.UPDATE,
        "IndexRecipe.dir",
        "must name the folder of the index (--index)");
    Check.that(
        snapshot.isEmpty() || DedupIndex.NAME.matcher(snapshot).matches(),
        "IndexRecipe.snapshot",
        "must be letters, digits, dots, hyphens and underscores, such as 2026-11-24, got "
            + snapshot);
    Check.that(
        from.isEmpty() == to.isEmpty() && from.compareTo(to) <= 0,
        "IndexRecipe.from",
        "and IndexRecipe.to must be given together, the earlier first");
    Check.that(
        from.isEmpty() || snapshot.isEmpty() && action == Action.UPDATE,
        "IndexRecipe.from",
        "is a backfill and goes with no snapshot and no other action");
    boolean named = !snapshot.isEmpty() || !from.isEmpty();
    Check.that(
        dir.isEmpty() || named || action == Action.ERASE || action == Action.COMPACT,
        "IndexRecipe.snapshot",
        "must be given (--snapshot), or --from and --to");
    Check.that(
        action != Action.ERASE || !erase.isEmpty(),
        "IndexRecipe.erase",
        "must name the file of doc_ids (--erase)");
  }

  /** Whether there is an index at all. */
  boolean used() {
    return !dir.isEmpty();
  }

  /** Whether this is a backfill of several snapshots. */
  boolean backfills() {
    return !from.isEmpty();
  }

  /** Whether the run changes the index without reading a corpus. */
  boolean maintains() {
    return used() && action != Action.UPDATE;
  }

  /** One snapshot of a backfill. */
  IndexRecipe only(String name) {
    return new IndexRecipe(dir, name, "", "", action, erase, vacuumHours);
  }

  /** The same with the index in another folder. */
  IndexRecipe in(String folder) {
    return new IndexRecipe(folder, snapshot, from, to, action, erase, vacuumHours);
  }
}
