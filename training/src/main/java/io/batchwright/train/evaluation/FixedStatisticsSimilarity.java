package io.batchwright.train.evaluation;

import org.apache.lucene.search.CollectionStatistics;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.TermStatistics;
import org.apache.lucene.search.similarities.BM25Similarity;

/** Lucene's BM25 with idf and average length from given statistics, not from the index searched. */
final class FixedStatisticsSimilarity extends BM25Similarity {
  private final Bm25Statistics statistics;

  FixedStatisticsSimilarity(Bm25 parameters, Bm25Statistics statistics) {
    super((float) parameters.k1(), (float) parameters.b());
    this.statistics = statistics;
  }

  @Override
  public Explanation idfExplain(CollectionStatistics collection, TermStatistics term) {
    String text = term.term().utf8ToString();
    return Explanation.match((float) statistics.idf(text), "idf of " + text + " as given");
  }

  @Override
  protected float avgFieldLength(CollectionStatistics collection) {
    return (float) statistics.averageLength();
  }
}
