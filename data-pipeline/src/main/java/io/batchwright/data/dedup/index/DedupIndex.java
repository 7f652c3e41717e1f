package io.batchwright.data.dedup.index;

import static org.apache.spark.sql.functions.col;

import io.batchwright.data.dedup.Deduplicate;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.ledger.CanonicalHash;
import io.batchwright.technique.Check;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * An index of the documents that earlier snapshots kept, so that a new snapshot is deduplicated
 * against them at the cost of its own hashing and one join.
 *
 * <pre>{@code
 * DedupIndex index = DedupIndex.open(spark, "hdfs:///dedup/index", recipe);
 * try (IndexUpdate update = index.update(documents, "2026-11-24", "hdfs:///dedup/2026-11-24")) {
 *   update.outcome().kept().write().parquet(folder);
 * }
 * }</pre>
 *
 * <p><b>Guarantees.</b> A removed document names its survivor, which is in the index or among the
 * kept documents of the same snapshot and stays there until a snapshot is deleted, replaced or
 * erased; their similarity is verified and at least the threshold. Documents of the index always
 * come before those of a new snapshot in the order of survival. An update happens wholly or not at
 * all, and two at the same time happen one after the other.
 *
 * @see IndexTable how commits exclude each other
 */
public final class DedupIndex {
  /** What a snapshot may be called. */
  public static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  /** How often a commit that another run overtook is prepared anew. */
  static final int ATTEMPTS = 5;

  private final IndexTable table;
  private final Deduplicate recipe;
  private final IndexHeader header;
  private final Function<SnapshotInfo, OutputState> outputs;

  private DedupIndex(
      IndexTable table,
      Deduplicate recipe,
      IndexHeader header,
      Function<SnapshotInfo, OutputState> outputs) {
    this.table = table;
    this.recipe = recipe;
    this.header = header;
    this.outputs = outputs;
  }

  /**
   * The index in {@code folder}, which the first update makes.
   *
   * @throws BatchwrightException with exit code 2 if it was made with other parameters, naming each
   *     difference; with 3 if the folder holds something else or is damaged
   */
  public static DedupIndex open(SparkSession spark, String folder, Deduplicate recipe) {
    Check.notBlank("DedupIndex.folder", folder);
    DedupIndex index =
        new DedupIndex(new IndexTable(spark, folder), recipe, IndexHeader.of(recipe), null);
    index.head();
    return index;
  }

  /**
   * This index for runs that publish their output after the index has changed: a snapshot is
   * pending until a later update finds its output published. An update takes back the pending
   * snapshots of other runs that ended before their output stood, so that nothing is removed for a
   * document that nobody has; documents that they stood for are among its orphans.
   *
   * <p>Without this, outputs count as published: {@link IndexUpdate#outcome} is the caller's.
   *
   * @param state what became of the output of a pending snapshot
   */
  public DedupIndex publishing(Function<SnapshotInfo, OutputState> state) {
    return new DedupIndex(table, recipe, header, state);
  }

  /** The head now, of the parameters that this index was opened with. */
  IndexHead head() {
    IndexHead head = table.head().orElse(IndexHead.empty(header));
    List<String> differences = head.parameters().differences(header);
    if (!differences.isEmpty()) {
      throw BatchwrightException.usage(
          "The deduplication index in %s was made with other parameters:\n  %s\nUse its parameters, or begin a new index in another folder."
              .formatted(table.folder(), String.join("\n  ", differences)));
    }
    return head;
  }

  /**
   * Deduplicates {@code documents} (doc_id, source, text, and any further columns) in itself and
   * against all other snapshots, and enters what is kept. Runs now.
   *
   * <p>The same snapshot with the same content changes nothing and has the same result. With other
   * content it replaces what the index had of it: a late correction. Later snapshots stay as they
   * are; documents that they lost to a document that is gone now are the result's orphans, and come
   * back when their snapshot is run again after its own deletion.
   *
   * @param snapshot its name ({@link #NAME}), such as a date
   * @param output the folder that will hold the kept documents, noted for {@link #erase}
   * @throws BatchwrightException retryable, with exit code 4, where other runs committed first
   *     {@value #ATTEMPTS} times
   */
  public IndexUpdate update(Dataset<Row> documents, String snapshot, String output) {
    return update(documents, snapshot, output, removed -> {});
  }

  /**
   * The same, where {@code check} looks at what is to go (the schema REMOVED) before the index
   * changes, and may throw.
   */
  public IndexUpdate update(
      Dataset<Row> documents, String snapshot, String output, Consumer<Dataset<Row>> check) {
    requireName(snapshot);
    return new SnapshotUpdate(this, documents, snapshot, output, check).run();
  }

  /** The number of commits that made the index what it is; compaction is none. */
  public long generation() {
    return head().generation();
  }

  /** Whether outputs are published after the index has changed. */
  boolean publishesLater() {
    return outputs != null;
  }

  /** What became of the output of {@code snapshot}. */
  OutputState output(SnapshotInfo snapshot) {
    return outputs == null || !snapshot.pending() ? OutputState.PUBLISHED : outputs.apply(snapshot);
  }

  /** The snapshots, in the order of their names. */
  public List<SnapshotInfo> snapshots() {
    return head().snapshots();
  }

  /** Deletes snapshots, with the versions that late corrections replaced. */
  public IndexChange delete(List<String> snapshots) {
    return new IndexMaintenance(this)
        .withdraw(
            head ->
                named(head, snapshots).stream()
                    .distinct()
                    .collect(Collectors.toMap(name -> name, name -> Withdrawal.FOREVER)));
  }

  /**
   * Takes back what was written after {@code snapshot}: later snapshots go, and those that were
   * corrected since are again what they were then. Deletions and erasures are not undone.
   */
  public IndexChange rollback(String snapshot) {
    return new IndexMaintenance(this)
        .withdraw(
            head -> {
              named(head, List.of(snapshot));
              long last = head.snapshot(snapshot).orElseThrow().generation();
              return head.snapshots().stream()
                  .filter(other -> other.generation() > last)
                  .collect(Collectors.toMap(SnapshotInfo::name, other -> last));
            });
  }

  /**
   * Takes documents out of the index, in all snapshots: their fingerprints go, and those that they
   * represented are no longer represented. What the change lists names the outputs that still hold
   * them. Erased files stay readable to time travel until {@link #compact} vacuums them.
   *
   * @param ids (doc_id)
   */
  public IndexChange erase(Dataset<Row> ids) {
    return new IndexMaintenance(this).erase(ids);
  }

  /**
   * Joins the small files of each snapshot, and deletes files that no commit of the last {@code
   * vacuumHours} hours refers to.
   *
   * @throws BatchwrightException retryable where another run commits at the same time
   */
  public void compact(double vacuumHours) {
    new IndexMaintenance(this).compact(vacuumHours);
  }

  /** Files and bytes of the index as it stands; [0, 0] before its first update. */
  public long[] filesAndBytes() {
    return table.head().isEmpty() ? new long[2] : table.filesAndBytes();
  }

  /** The canonical hash of all entries: equal for equal indexes, whatever their files. */
  public CanonicalHash content() {
    return CanonicalHash.of(entries());
  }

  Dataset<Row> entries() {
    return table.entries();
  }

  Dataset<Row> survivors() {
    return entries().where(col("state").equalTo(IndexEntries.SURVIVOR));
  }

  IndexTable table() {
    return table;
  }

  Deduplicate recipe() {
    return recipe;
  }

  static String token() {
    return UUID.randomUUID().toString();
  }

  static BatchwrightException overtaken(String folder) {
    return BatchwrightException.resources(
        "Other runs committed to the deduplication index in %s %d times while this one prepared its own commit. Nothing was changed; run it again."
            .formatted(folder, ATTEMPTS));
  }

  private List<String> named(IndexHead head, List<String> names) {
    for (String name : names) {
      Optional<SnapshotInfo> known = head.snapshot(name);
      if (known.isEmpty()) {
        throw BatchwrightException.usage(
            "The index in %s has no snapshot %s; it has: %s."
                .formatted(table.folder(), name, IndexTable.names(head.snapshots())));
      }
    }
    return names;
  }

  private static void requireName(String snapshot) {
    if (!NAME.matcher(snapshot).matches()) {
      throw BatchwrightException.usage(
          "snapshot must be 1 to 100 letters, digits, dots, hyphens and underscores, the first a"
              + " letter or digit, such as 2026-11-24; got '"
              + snapshot
              + "'.");
    }
  }
}
