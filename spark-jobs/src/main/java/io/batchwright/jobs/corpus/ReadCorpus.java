package io.batchwright.jobs.corpus;

import io.batchwright.data.corpus.Corpus;
import io.batchwright.data.corpus.CorpusSource;
import io.batchwright.data.corpus.CorpusTables;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Reads sources once and commits what they hold: corpus_rows, the tables of {@link CorpusTables}
 * under a prefix, removed_corpus, quarantine.
 *
 * @param tables the tables as committed
 * @param ledger what became of each input record
 */
public record ReadCorpus(CorpusTables tables, LedgerEntry ledger) {
  /**
   * Reads and commits.
   *
   * @param prefix of the names of the tables documents, queries and qrels
   * @param change what is done to the tables before they are committed
   */
  public static ReadCorpus commit(
      StageContext context,
      List<CorpusSource> sources,
      String prefix,
      UnaryOperator<CorpusTables> change) {
    Dataset<Row> rows = context.commit("corpus_rows", Corpus.read(context.spark(), sources));
    CorpusTables selected = change.apply(CorpusTables.of(rows));
    Map<String, Dataset<Row>> all = new LinkedHashMap<>();
    all.put(prefix + "documents", selected.documents());
    all.put(prefix + "queries", selected.queries());
    all.put(prefix + "qrels", selected.qrels());
    all.put("candidates", selected.candidates());
    all.put("removed_corpus", selected.removed());
    all.put("quarantine", selected.quarantine());
    Map<String, Dataset<Row>> committed = context.commitAll(all);
    CorpusTables tables =
        new CorpusTables(
            committed.get(prefix + "documents"),
            committed.get(prefix + "queries"),
            committed.get(prefix + "qrels"),
            committed.get("candidates"),
            committed.get("removed_corpus"),
            committed.get("quarantine"));
    return new ReadCorpus(tables, CorpusTables.ledger(rows, tables, 0));
  }

  /**
   * The stage of a job whose corpus is a folder or file of the user's: reads, commits, and requires
   * documents and that most records could be used.
   *
   * @param input as {@link CorpusPath} takes it
   * @param maximumShare the recipe's {@code maximumQuarantineShare}
   * @throws BatchwrightException with exit code 3 otherwise
   */
  public static StageReport stage(
      StageContext context, String input, double maximumShare, Configuration hadoop) {
    ReadCorpus read =
        commit(context, List.of(CorpusPath.of(input, hadoop).source()), "", tables -> tables);
    read.requireUsable("maximumQuarantineShare", maximumShare);
    return StageReport.of(
        read.ledger(),
        String.format(
            Locale.ROOT,
            "%,d documents, %,d queries; %,d dropped, %,d quarantined",
            read.ledger().out(),
            context.rows("queries"),
            read.ledger().droppedTotal(),
            read.ledger().quarantinedTotal()));
  }

  /**
   * Requires documents, and that most input records could be used.
   *
   * @param key the recipe key of {@code maximumShare}, for the message
   * @throws BatchwrightException with exit code 3 otherwise
   */
  public void requireUsable(String key, double maximumShare) {
    double share = (double) ledger.quarantinedTotal() / Math.max(1, ledger.in());
    if (share > maximumShare) {
      throw BatchwrightException.data(
          String.format(
              Locale.ROOT,
              "%,d of %,d input records cannot be used (%.2f %%), more than %s = %s allows: %s."
                  + " They stand with their place and reason in tables/quarantine.",
              ledger.quarantinedTotal(),
              ledger.in(),
              100 * share,
              key,
              maximumShare,
              ledger.quarantined()));
    }
    if (ledger.out() == 0) {
      throw BatchwrightException.data(
          "The sources hold no usable document; dropped: " + ledger.dropped() + ".");
    }
  }
}
