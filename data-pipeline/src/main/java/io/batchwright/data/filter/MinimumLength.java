package io.batchwright.data.filter;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import org.apache.spark.sql.Column;

/**
 * Removes texts shorter than {@code minimum}: {@code length(text) >= minimum} stays.
 *
 * <p><b>Deviations from the paper:</b> Gopher counts words only.
 *
 * @param minimum the shortest length that stays, at least 0
 * @param unit characters or words
 */
@Paper(
    title = "Scaling Language Models: Methods, Analysis and Insights from Training Gopher",
    arxiv = "2112.11446",
    where = "Appendix A.1.1, Quality filtering: between 50 and 100,000 words")
public record MinimumLength(long minimum, String unit) implements Filter {
  public static final MinimumLength PAPER = new MinimumLength(50, "words");

  public MinimumLength {
    Check.atLeast("MinimumLength.minimum", minimum, 0);
    Check.oneOf("MinimumLength.unit", unit, "characters", "words");
  }

  @Override
  public String reason() {
    return "too_short";
  }

  @Override
  public Column keeps(Column text) {
    return Words.length(text, unit).geq(minimum);
  }
}
