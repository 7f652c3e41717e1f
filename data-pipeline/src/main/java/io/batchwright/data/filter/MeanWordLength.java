package io.batchwright.data.filter;

import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.regexp_replace;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import org.apache.spark.sql.Column;

/**
 * Removes texts whose mean word is too short or too long: {@code minimum <= characters outside
 * white space / words <= maximum} stays. A text without words goes.
 *
 * @param minimum in characters, at least 0
 * @param maximum in characters, at least {@code minimum}
 */
@Paper(
    title = "Scaling Language Models: Methods, Analysis and Insights from Training Gopher",
    arxiv = "2112.11446",
    where = "Appendix A.1.1, Quality filtering: mean word length outside 3 to 10 characters")
public record MeanWordLength(double minimum, double maximum) implements Filter {
  public static final MeanWordLength PAPER = new MeanWordLength(3, 10);

  public MeanWordLength {
    Check.atLeast("MeanWordLength.minimum", minimum, 0);
    Check.atLeast("MeanWordLength.maximum", maximum, minimum);
  }

  @Override
  public String reason() {
    return "mean_word_length";
  }

  @Override
  public Column keeps(Column text) {
    Column characters = length(regexp_replace(text, "\\s+", ""));
    Column words = Words.count(text);
    return words
        .gt(0)
        .and(characters.geq(words.multiply(minimum)))
        .and(characters.leq(words.multiply(maximum)));
  }
}
