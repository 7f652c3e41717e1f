package io.batchwright.data.filter;

import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.size;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import org.apache.spark.sql.Column;

/**
 * Removes texts that are mostly symbols and numbers: {@code words with a letter / words >= minimum}
 * stays. A text without words goes.
 *
 * @param minimum share in [0, 1]
 */
@Paper(
    title = "Scaling Language Models: Methods, Analysis and Insights from Training Gopher",
    arxiv = "2112.11446",
    where = "Appendix A.1.1, Quality filtering: 80% of words contain an alphabetic character")
public record AlphabeticShare(double minimum) implements Filter {
  public static final AlphabeticShare PAPER = new AlphabeticShare(0.8);

  public AlphabeticShare {
    Check.range("AlphabeticShare.minimum", minimum, 0, true, 1, true);
  }

  @Override
  public String reason() {
    return "few_letters";
  }

  @Override
  public Column keeps(Column text) {
    Column words = Words.of(text);
    Column alphabetic = size(filter(words, word -> word.rlike("\\p{L}")));
    return size(words).gt(0).and(alphabetic.geq(size(words).multiply(minimum)));
  }
}
