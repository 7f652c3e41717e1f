package io.batchwright.train.evaluation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogDocMergePolicy;
import org.apache.lucene.index.MultiTerms;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.Weight;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.util.BytesRef;

/**
 * BM25 over documents in memory, by Lucene.
 *
 * <p>Documents are added in the order of their ordinals into one segment, so equal scores rank by
 * ordinal and two runs agree. Searching is split over queries only, which cannot change a result.
 */
public final class Bm25Index implements AutoCloseable {
  static final String FIELD = "text";
  private static final double BUFFER_MEGABYTES = 256;

  private final Ids documents;
  private final Analyzer analyzer;
  private final ByteBuffersDirectory directory;
  private final DirectoryReader reader;

  private Bm25Index(
      Ids documents, Analyzer analyzer, ByteBuffersDirectory directory, DirectoryReader reader) {
    this.documents = documents;
    this.analyzer = analyzer;
    this.directory = directory;
    this.reader = reader;
  }

  /** Indexes {@code texts}, parallel to {@code documents}. */
  public static Bm25Index build(Ids documents, List<String> texts, TextAnalysis analysis)
      throws IOException {
    if (texts.size() != documents.size()) {
      throw new IllegalArgumentException(
          "%d texts for %d documents".formatted(texts.size(), documents.size()));
    }
    Analyzer analyzer = analysis.analyzer();
    ByteBuffersDirectory directory = new ByteBuffersDirectory();
    IndexWriterConfig config =
        new IndexWriterConfig(analyzer)
            .setRAMBufferSizeMB(BUFFER_MEGABYTES)
            // Only adjacent segments are merged, so documents keep their order.
            .setMergePolicy(new LogDocMergePolicy())
            .setMergeScheduler(new SerialMergeScheduler());
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      Field field = new Field(FIELD, "", frequenciesOnly());
      Document document = new Document();
      document.add(field);
      for (String text : texts) {
        field.setStringValue(text);
        writer.addDocument(document);
      }
      writer.forceMerge(1);
    }
    return new Bm25Index(documents, analyzer, directory, DirectoryReader.open(directory));
  }

  private static FieldType frequenciesOnly() {
    FieldType type = new FieldType();
    type.setIndexOptions(IndexOptions.DOCS_AND_FREQS);
    type.setTokenized(true);
    type.freeze();
    return type;
  }

  public Ids documents() {
    return documents;
  }

  /** Document frequencies and lengths of this index's documents. */
  public Bm25Statistics statistics() throws IOException {
    Map<String, Integer> frequency = new HashMap<>();
    Terms terms = MultiTerms.getTerms(reader, FIELD);
    if (terms == null) {
      throw new IllegalArgumentException("none of the documents has a term");
    }
    TermsEnum each = terms.iterator();
    for (BytesRef term = each.next(); term != null; term = each.next()) {
      frequency.put(term.utf8ToString(), each.docFreq());
    }
    // As BM25Similarity: documents without a term do not count.
    return new Bm25Statistics(
        terms.getDocCount(), (double) terms.getSumTotalTermFreq() / terms.getDocCount(), frequency);
  }

  /** Prepares queries once for any number of searches. */
  public PreparedQueries prepare(Ids queries, List<String> texts) {
    List<Query> prepared = new ArrayList<>(texts.size());
    for (String text : texts) {
      prepared.add(query(TextAnalysis.terms(analyzer, text)));
    }
    return new PreparedQueries(queries, prepared);
  }

  /** Queries as Lucene sees them. */
  public static final class PreparedQueries {
    private final Ids ids;
    private final List<Query> queries;

    private PreparedQueries(Ids ids, List<Query> queries) {
      this.ids = ids;
      this.queries = queries;
    }

    public Ids ids() {
      return ids;
    }
  }

  /** A term that stands twice in a query counts twice, as a weight. */
  private static Query query(List<String> terms) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (String term : terms) {
      counts.merge(term, 1, Integer::sum);
    }
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    counts.entrySet().stream()
        .limit(IndexSearcher.getMaxClauseCount())
        .forEach(
            term -> {
              Query clause = new TermQuery(new Term(FIELD, term.getKey()));
              query.add(
                  term.getValue() == 1 ? clause : new BoostQuery(clause, term.getValue()),
                  BooleanClause.Occur.SHOULD);
            });
    return query.build();
  }

  /**
   * The best {@code k} documents of each query.
   *
   * @param statistics where idf and average length come from
   * @param threads how many search at once, at least 1
   */
  public Rankings search(
      PreparedQueries queries, int k, Bm25 parameters, Bm25Statistics statistics, int threads)
      throws IOException {
    IndexSearcher searcher = new IndexSearcher(reader);
    searcher.setSimilarity(new FixedStatisticsSimilarity(parameters, statistics));
    searcher.setQueryCache(null);
    int[][] ranked = new int[queries.queries.size()][];
    float[][] scores = new float[ranked.length][];
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> parts = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int first = t;
        parts.add(
            pool.submit(
                () -> {
                  for (int q = first; q < ranked.length; q += threads) {
                    ScoreDoc[] hits = searcher.search(queries.queries.get(q), k).scoreDocs;
                    ranked[q] = Arrays.stream(hits).mapToInt(hit -> hit.doc).toArray();
                    scores[q] = new float[hits.length];
                    for (int i = 0; i < hits.length; i++) {
                      scores[q][i] = hits[i].score;
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> part : parts) {
        part.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("BM25 search failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("BM25 search was interrupted", e);
    } finally {
      pool.shutdownNow();
    }
    return Rankings.of(queries.ids, documents, ranked, scores);
  }

  /**
   * The scores of given pairs, as {@link #search} would find them; 0 where they share no term.
   *
   * @param wanted for each query, ordinals of documents in ascending order
   * @return parallel to {@code wanted}
   */
  public float[][] scores(
      PreparedQueries queries, int[][] wanted, Bm25 parameters, Bm25Statistics statistics)
      throws IOException {
    IndexSearcher searcher = new IndexSearcher(reader);
    searcher.setSimilarity(new FixedStatisticsSimilarity(parameters, statistics));
    searcher.setQueryCache(null);
    float[][] scores = new float[wanted.length][];
    for (int q = 0; q < wanted.length; q++) {
      scores[q] = new float[wanted[q].length];
      Weight weight =
          searcher.createWeight(searcher.rewrite(queries.queries.get(q)), ScoreMode.COMPLETE, 1);
      Scorer scorer =
          reader.leaves().isEmpty() ? null : weight.scorer(reader.leaves().get(0)); // one segment
      DocIdSetIterator found = scorer == null ? DocIdSetIterator.empty() : scorer.iterator();
      for (int i = 0; scorer != null && i < wanted[q].length; i++) {
        int at = found.docID() < wanted[q][i] ? found.advance(wanted[q][i]) : found.docID();
        scores[q][i] = at == wanted[q][i] ? scorer.score() : 0;
      }
    }
    return scores;
  }

  @Override
  public void close() throws IOException {
    reader.close();
    directory.close();
    analyzer.close();
  }
}
