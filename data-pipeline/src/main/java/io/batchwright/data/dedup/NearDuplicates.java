package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/** One search of {@link MinHashLsh}: links, components of candidates, verdicts. */
final class NearDuplicates {
  private final MinHashLsh lsh;
  private final DuplicateSearch search;
  private final boolean acrossOrigins;
  private final SortedMap<String, Long> figures = new TreeMap<>();

  NearDuplicates(MinHashLsh lsh, DuplicateSearch search) {
    this.lsh = lsh;
    this.search = search;
    acrossOrigins = search.scope() == Scope.ACROSS_SOURCES;
  }

  Duplicates find() {
    if (search.local().isPresent() && (lsh.verify() || !acrossOrigins)) {
      Optional<Dataset<Row>> found = onDriver(search.local().get());
      if (found.isPresent()) {
        return new Duplicates(found.get(), figures);
      }
    }
    Dataset<Row> components = components(keep(links()));
    if (!lsh.verify()) {
      return new Duplicates(members(components), figures);
    }
    Dataset<Row> candidates = keep(CandidateTable.of(search, components));
    Row size = candidates.agg(functions.count(lit(1)), coalesce(sum("weight"), lit(0L))).head();
    figures.put("candidates", size.getLong(0));
    Dataset<Row> found =
        lsh.mode() == Mode.COMPONENTS
            ? chained(shingles(candidates, size.getLong(0)))
            : anchored(candidates, size.getLong(0), size.getLong(1));
    return new Duplicates(found, figures);
  }

  /** With links and components on the driver, unless the case is one for executors. */
  private Optional<Dataset<Row>> onDriver(LocalSearch local) {
    UnionFind linked = local.linked();
    if (!lsh.verify()) {
      return Optional.of(
          members(ConnectedComponents.table(search.documents().sparkSession(), linked)));
    }
    LocalCandidates candidates = new LocalCandidates(local, linked);
    if (lsh.mode() == Mode.COMPONENTS
        || candidates.largest() > search.sizes().componentShingles()) {
      return Optional.empty();
    }
    figures.put("candidates", (long) candidates.size());
    if (candidates.size() == 0) {
      count(Verdicts.none());
      return Optional.of(Duplicates.local(search.documents().sparkSession(), List.of()).table());
    }
    Dataset<Row> shingles = candidates.shingles(search.documents(), lsh.shingles());
    List<Row> verdicts =
        candidates.shingles() <= search.sizes().driverShingles()
            ? judgedHere(shingles)
            : judged(shingles).collectAsList();
    count(Verdicts.figures(verdicts));
    return Optional.of(
        Duplicates.local(search.documents().sparkSession(), Verdicts.removals(verdicts)).table());
  }

  private Dataset<Row> components(Dataset<Row> links) {
    return ConnectedComponents.of(links, search.total(), search.workspace(), search.sizes());
  }

  /** Spanning forests (a, b) of the documents that share a bucket. */
  private Dataset<Row> links() {
    boolean byOrigin = acrossOrigins && !lsh.verify();
    return search
        .roster()
        .where(col("print").isNotNull())
        .select("ordinal", "part", "origin", "print")
        .mapPartitions(new BandRows(byOrigin), Encoders.row(BandRows.SCHEMA))
        .repartition(col("key"))
        .sortWithinPartitions("key", "a")
        .mapPartitions(new StarEdges(byOrigin), Encoders.row(StarEdges.SCHEMA));
  }

  /** Every member of a component but its first one, and what is of the first one's origin. */
  private Dataset<Row> members(Dataset<Row> components) {
    Dataset<Row> members =
        components
            .where(col("node").notEqual(col("root")))
            .select(
                col("node").as("ordinal"),
                col("root").as("survivor"),
                lit(null).cast(DataTypes.DoubleType).as("similarity"));
    if (!acrossOrigins) {
      return members;
    }
    Dataset<Row> origins = search.roster().select("ordinal", "origin");
    return members
        .join(origins, "ordinal")
        .join(origins.toDF("survivor", "survivor_origin"), "survivor")
        .where(col("origin").notEqual(col("survivor_origin")))
        .select("ordinal", "survivor", "similarity");
  }

  private Dataset<Row> shingles(Dataset<Row> candidates, long count) {
    return CandidateShingles.of(
        search.documents(), candidates, count, lsh.shingles(), search.sizes());
  }

  /** Small components in one task each, the others in rounds. */
  private Dataset<Row> anchored(Dataset<Row> candidates, long count, long weight) {
    if (weight <= search.sizes().componentShingles()) {
      return resolved(shingles(candidates, count));
    }
    Dataset<Row> giants =
        keep(
            candidates
                .groupBy("component")
                .agg(sum("weight").as("total"))
                .where(col("total").gt(search.sizes().componentShingles()))
                .select("component"));
    String[] component = {"component"};
    Dataset<Row> small = candidates.join(giants, component, "left_anti");
    Dataset<Row> large = keep(candidates.join(giants, component, "left_semi"));
    long inGiants = large.count();
    figures.put("giant_components", giants.count());
    Dataset<Row> resolved = resolved(shingles(small, count - inGiants));
    if (inGiants == 0) {
      return resolved;
    }
    BucketSearch rounds = new BucketSearch(lsh, search, keep(shingles(large, inGiants)));
    Dataset<Row> removals = rounds.removals();
    count(rounds.figures());
    return resolved.union(removals);
  }

  private Dataset<Row> resolved(Dataset<Row> shingles) {
    Dataset<Row> verdicts = keep(judged(shingles));
    count(Verdicts.figures(verdicts));
    return Verdicts.removals(verdicts);
  }

  /** The same on the driver, which costs less than to bring few sets together on executors. */
  private List<Row> judgedHere(Dataset<Row> shingles) {
    List<Row> sets = new ArrayList<>(shingles.collectAsList());
    sets.sort(
        Comparator.comparingLong((Row row) -> row.getLong(0)).thenComparing(row -> row.getLong(1)));
    List<Row> verdicts = new ArrayList<>();
    new AnchoredResolution(lsh, acrossOrigins)
        .call(sets.iterator())
        .forEachRemaining(verdicts::add);
    return verdicts;
  }

  private Dataset<Row> judged(Dataset<Row> shingles) {
    return shingles
        .repartition(col("component"))
        .sortWithinPartitions("component", "ordinal")
        .mapPartitions(new AnchoredResolution(lsh, acrossOrigins), Encoders.row(Verdicts.SCHEMA));
  }

  /** Components of similar pairs, with the exact similarity to their first member. */
  private Dataset<Row> chained(Dataset<Row> shingles) {
    Dataset<Row> sets = keep(shingles);
    BucketSearch buckets = new BucketSearch(lsh, search, sets);
    Dataset<Row> pairs =
        keep(buckets.similarPairs().select(col("ordinal").as("a"), col("survivor").as("b")));
    count(buckets.figures());
    Dataset<Row> own = sets.select(col("ordinal"), col("shingles").as("own"));
    Dataset<Row> theirs = sets.select(col("ordinal").as("survivor"), col("shingles").as("theirs"));
    return members(components(pairs))
        .drop("similarity")
        .join(own, "ordinal")
        .join(theirs, "survivor")
        .select("ordinal", "survivor", "own", "theirs")
        .mapPartitions(comparing(lsh.measure()), Encoders.row(Duplicates.SCHEMA));
  }

  private static MapPartitionsFunction<Row, Row> comparing(Measure measure) {
    return rows ->
        RowByRow.of(
            rows,
            row ->
                RowFactory.create(
                    row.get(0), row.get(1), measure.from(row.getAs(3), row.getAs(2), 0)));
  }

  private void count(SortedMap<String, Long> counts) {
    counts.forEach((name, value) -> figures.merge(name, value, Long::sum));
  }

  private Dataset<Row> keep(Dataset<Row> table) {
    return search.workspace().keep(table);
  }
}
