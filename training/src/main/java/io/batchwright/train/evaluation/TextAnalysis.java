package io.batchwright.train.evaluation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.StopFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.en.EnglishPossessiveFilter;
import org.apache.lucene.analysis.en.PorterStemFilter;
import org.apache.lucene.analysis.miscellaneous.WordDelimiterGraphFilter;
import org.apache.lucene.analysis.standard.StandardTokenizer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;

/** How BM25 sees text: as a bag of stems. */
public enum TextAnalysis {
  /**
   * For code and its documentation: identifiers are split at case changes, underscores and digits,
   * and also kept whole, so that {@code toByteArray} is found by "byte array" and by its own name.
   */
  CODE {
    @Override
    TokenStream split(TokenStream words) {
      int flags =
          WordDelimiterGraphFilter.GENERATE_WORD_PARTS
              | WordDelimiterGraphFilter.GENERATE_NUMBER_PARTS
              | WordDelimiterGraphFilter.SPLIT_ON_CASE_CHANGE
              | WordDelimiterGraphFilter.SPLIT_ON_NUMERICS
              | WordDelimiterGraphFilter.PRESERVE_ORIGINAL;
      return new WordDelimiterGraphFilter(words, flags, null);
    }
  },
  /** For prose; the same as Lucene's English analyzer. */
  PROSE {
    @Override
    TokenStream split(TokenStream words) {
      return words;
    }
  };

  abstract TokenStream split(TokenStream words);

  /** Splits, lower-cases, drops English stop words, and stems by Porter's rules. */
  Analyzer analyzer() {
    return new Analyzer() {
      @Override
      protected TokenStreamComponents createComponents(String field) {
        Tokenizer words = new StandardTokenizer();
        TokenStream stream = split(new EnglishPossessiveFilter(words));
        stream = new LowerCaseFilter(stream);
        stream = new StopFilter(stream, EnglishAnalyzer.ENGLISH_STOP_WORDS_SET);
        return new TokenStreamComponents(words, new PorterStemFilter(stream));
      }
    };
  }

  /** The terms of a text, in order, repeated ones included. */
  public List<String> terms(String text) {
    try (Analyzer analyzer = analyzer()) {
      return terms(analyzer, text);
    }
  }

  static List<String> terms(Analyzer analyzer, String text) {
    List<String> terms = new ArrayList<>();
    try (TokenStream stream = analyzer.tokenStream(Bm25Index.FIELD, text)) {
      CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
      stream.reset();
      while (stream.incrementToken()) {
        terms.add(term.toString());
      }
      stream.end();
    } catch (IOException e) {
      throw new IllegalStateException("analysis of a text in memory failed", e);
    }
    return terms;
  }
}
