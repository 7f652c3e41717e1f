package io.batchwright.data.filter;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import org.apache.spark.sql.Column;

/**
 * Removes texts longer than {@code maximum}: {@code length(text) <= maximum} stays.
 *
 * <p><b>Deviations from the paper:</b> Gopher counts words only.
 *
 * @param maximum the longest length that stays, at least 1
 * @param unit characters or words
 */
@Paper(
    title = "Scaling Language Models: Methods, Analysis and Insights from Training Gopher",
    arxiv = "2112.11446",
    where = "Appendix A.1.1, Quality filtering: between 50 and 100,000 words")
public record MaximumLength(long maximum, String unit) implements Filter {
  public static final MaximumLength PAPER = new MaximumLength(100_000, "words");

  public MaximumLength {
    Check.atLeast("MaximumLength.maximum", maximum, 1);
    Check.oneOf("MaximumLength.unit", unit, "characters", "words");
  }

  @Override
  public String reason() {
    return "too_long";
  }

  @Override
  public Column keeps(Column text) {
    return Words.length(text, unit).leq(maximum);
  }
}
