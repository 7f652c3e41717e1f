package io.batchwright.data.dedup;

import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What a deduplicator looks at. */
public final class DuplicateSearch {
  private final Dataset<Row> documents;
  private final Supplier<Dataset<Row>> roster;
  private final LocalSearch local;
  private final long total;
  private final Scope scope;
  private final Sizes sizes;
  private final Workspace workspace;

  /**
   * @param local the roster on the driver, or null
   */
  DuplicateSearch(
      Dataset<Row> documents,
      Supplier<Dataset<Row>> roster,
      LocalSearch local,
      long total,
      Scope scope,
      Sizes sizes,
      Workspace workspace) {
    this.documents = documents;
    this.roster = roster;
    this.local = local;
    this.total = total;
    this.scope = scope;
    this.sizes = sizes;
    this.workspace = workspace;
  }

  /** All documents (doc_id, source, text); reading texts again is what costs most. */
  public Dataset<Row> documents() {
    return documents;
  }

  /**
   * The documents still in play: the columns of {@link Fingerprints} with {@code ordinal}, and
   * {@code print} as the searching member made it. The lower of two ordinals is the better
   * survivor; documents of different {@code part} are never compared.
   */
  public Dataset<Row> roster() {
    return roster.get();
  }

  /** The same on the driver, where the corpus is small enough. */
  Optional<LocalSearch> local() {
    return Optional.ofNullable(local);
  }

  /** The documents of the whole corpus; ordinals are below it. */
  public long total() {
    return total;
  }

  /**
   * Between which documents to look; in {@link Scope#ACROSS_SOURCES} documents of equal {@code
   * origin} must not stand for each other.
   */
  public Scope scope() {
    return scope;
  }

  /** Where to change from what is quickest for few rows to what works for any number. */
  public Sizes sizes() {
    return sizes;
  }

  /** Keeps intermediate tables until the result is closed. */
  public Workspace workspace() {
    return workspace;
  }
}
