package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** A run whose decisions stand on the driver; {@link DeduplicationRun} is its twin on executors. */
final class LocalRun {
  private static final long STAYS = -1;

  private final Deduplicate recipe;
  private final Dataset<Row> documents;
  private final LocalRoster roster;
  private final Sizes sizes;
  private final Workspace workspace;
  private final SortedMap<String, Long> figures = new TreeMap<>();
  private final long[] survivor;
  private final Double[] similarity;
  private final int[] level;
  private final BitSet fixed = new BitSet();

  LocalRun(
      Deduplicate recipe,
      Dataset<Row> documents,
      LocalRoster roster,
      Sizes sizes,
      Workspace workspace) {
    this.recipe = recipe;
    this.documents = documents;
    this.roster = roster;
    this.sizes = sizes;
    this.workspace = workspace;
    survivor = new long[roster.size()];
    Arrays.fill(survivor, STAYS);
    similarity = new Double[roster.size()];
    level = new int[roster.size()];
  }

  Deduplication run() {
    figures.put("documents", (long) roster.size());
    for (int i = 0; i < recipe.deduplicators().size(); i++) {
      search(i);
    }
    List<Row> decided = new ArrayList<>();
    for (int i = 0; i < survivor.length; i++) {
      if (survivor[i] != STAYS) {
        decided.add(RowFactory.create((long) i, survivor[i], similarity[i], level[i]));
      }
    }
    List<String> reasons = recipe.reasons(figures, decided.size());
    return new DriverTables(
            decided,
            reasons,
            ordinal -> roster.docId((int) ordinal),
            ordinal -> roster.source((int) ordinal))
        .deduplication(documents, figures, workspace);
  }

  private void search(int number) {
    Deduplicator deduplicator = recipe.deduplicators().get(number);
    BitSet gone = new BitSet();
    for (int i = 0; i < survivor.length; i++) {
      gone.set(i, survivor[i] != STAYS);
    }
    Duplicates found =
        deduplicator.find(
            new DuplicateSearch(
                documents,
                () ->
                    roster
                        .table(documents.sparkSession(), gone, recipe.deduplicators().size())
                        .withColumn("print", col(Fingerprints.print(number))),
                new LocalSearch(roster, gone, number),
                roster.size(),
                recipe.scope(),
                sizes,
                workspace));
    found.figures().forEach((name, value) -> figures.merge(name, value, Long::sum));
    take(found.table().select("ordinal", "survivor", "similarity").collectAsList(), number);
  }

  /** Takes in the finds of one deduplicator, and leads earlier ones on to their new survivors. */
  private void take(List<Row> news, int number) {
    BitSet needed = new BitSet();
    for (int i = fixed.nextSetBit(0); i >= 0; i = fixed.nextSetBit(i + 1)) {
      needed.set((int) survivor[i]);
    }
    boolean rests = !recipe.deduplicators().get(number).transitive();
    Map<Long, Row> next = new HashMap<>();
    for (Row row : news) {
      if (!needed.get((int) row.getLong(0))) {
        next.put(row.getLong(0), row);
      }
    }
    for (int i = 0; i < survivor.length && number > 0; i++) {
      Row onward = survivor[i] == STAYS ? null : next.get(survivor[i]);
      if (onward != null) {
        boolean equal = similarity[i] != null && similarity[i] == 1.0;
        decide(i, onward, equal ? onward.getAs(2) : null, level[i]);
        fixed.set(i, fixed.get(i) || rests);
      }
    }
    for (Row row : next.values()) {
      int ordinal = (int) row.getLong(0);
      decide(ordinal, row, row.getAs(2), number);
      fixed.set(ordinal, rests);
    }
    if (recipe.scope() == Scope.ACROSS_SOURCES) {
      restoreWithinSources();
    }
  }

  private void decide(int ordinal, Row row, Double similar, int number) {
    survivor[ordinal] = row.getLong(1);
    similarity[ordinal] = similar;
    level[ordinal] = number;
  }

  /** What a chain has led to a survivor of its own source stays. */
  private void restoreWithinSources() {
    for (int i = 0; i < survivor.length; i++) {
      if (survivor[i] != STAYS && roster.origin(i) == roster.origin((int) survivor[i])) {
        survivor[i] = STAYS;
        fixed.clear(i);
      }
    }
  }
}
