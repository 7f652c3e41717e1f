package io.batchwright.data.filter;

import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.trim;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import org.apache.spark.sql.Column;

/**
 * Removes texts that say the same line over and over: {@code (lines - distinct lines) / lines <=
 * maximum} stays. Blank lines and the space around a line do not count.
 *
 * @param maximum share in [0, 1]
 */
@Paper(
    title = "Scaling Language Models: Methods, Analysis and Insights from Training Gopher",
    arxiv = "2112.11446",
    where = "Table A1: duplicate line fraction above 0.30")
public record RepeatedLines(double maximum) implements Filter {
  public static final RepeatedLines PAPER = new RepeatedLines(0.30);

  public RepeatedLines {
    Check.range("RepeatedLines.maximum", maximum, 0, true, 1, true);
  }

  @Override
  public String reason() {
    return "repeated_lines";
  }

  @Override
  public Column keeps(Column text) {
    Column lines =
        filter(transform(split(text, "\n"), line -> trim(line)), line -> line.notEqual(""));
    Column repeated = size(lines).minus(size(array_distinct(lines)));
    return repeated.leq(size(lines).multiply(maximum));
  }
}
