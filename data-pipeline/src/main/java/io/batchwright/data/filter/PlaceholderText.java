package io.batchwright.data.filter;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lower;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Column;

/**
 * Removes texts that contain a phrase of pages without content, in any case.
 *
 * <p><b>Deviations from the paper:</b> C4 also removes pages with a curly bracket, which would
 * remove all source code; name "{" as a phrase for that.
 *
 * @param phrases at least one
 */
@Paper(
    title = "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer",
    arxiv = "1910.10683",
    where = "Section 2.2: pages with the phrase lorem ipsum")
public record PlaceholderText(List<String> phrases) implements Filter {
  public static final PlaceholderText PAPER = new PlaceholderText(List.of("lorem ipsum"));

  public PlaceholderText {
    phrases = List.copyOf(phrases);
    Check.that(!phrases.isEmpty(), "PlaceholderText.phrases", "must name at least one phrase");
  }

  @Override
  public String reason() {
    return "placeholder_text";
  }

  @Override
  public Column keeps(Column text) {
    Column found = lit(false);
    for (String phrase : phrases) {
      found = found.or(lower(text).contains(phrase.toLowerCase(Locale.ROOT)));
    }
    return found.unary_$bang();
  }
}
