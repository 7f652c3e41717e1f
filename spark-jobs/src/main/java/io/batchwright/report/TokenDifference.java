package io.batchwright.report;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Marks how two texts differ, token by token, by their longest common subsequence. Texts are cut to
 * {@value #MAXIMUM_TOKENS} tokens: the table of the classic algorithm grows with their product.
 */
final class TokenDifference {
  static final int MAXIMUM_TOKENS = 1_500;
  private static final Pattern TOKEN =
      Pattern.compile("\\w+|\\s+|[^\\w\\s]", Pattern.UNICODE_CHARACTER_CLASS);

  private TokenDifference() {}

  /** The two texts as HTML, with the tokens that only one of them has inside {@code <mark>}. */
  record Marked(String left, String right) {}

  static Marked mark(String left, String right) {
    return mark(left, right, MAXIMUM_TOKENS);
  }

  /** The same for texts cut to {@code maximumTokens} tokens. */
  static Marked mark(String left, String right, int maximumTokens) {
    List<String> a = tokens(left, maximumTokens);
    List<String> b = tokens(right, maximumTokens);
    int[][] common = common(a, b);
    StringBuilder leftHtml = new StringBuilder();
    StringBuilder rightHtml = new StringBuilder();
    int i = 0;
    int j = 0;
    while (i < a.size() || j < b.size()) {
      if (i < a.size() && j < b.size() && a.get(i).equals(b.get(j))) {
        leftHtml.append(Html.escape(a.get(i++)));
        rightHtml.append(Html.escape(b.get(j++)));
      } else if (j == b.size() || (i < a.size() && common[i + 1][j] >= common[i][j + 1])) {
        appendMarked(leftHtml, a.get(i++));
      } else {
        appendMarked(rightHtml, b.get(j++));
      }
    }
    return new Marked(joined(leftHtml), joined(rightHtml));
  }

  /** {@code common[i][j]}: the length of the longest common subsequence of a[i..] and b[j..]. */
  private static int[][] common(List<String> a, List<String> b) {
    int[][] table = new int[a.size() + 1][b.size() + 1];
    for (int i = a.size() - 1; i >= 0; i--) {
      for (int j = b.size() - 1; j >= 0; j--) {
        table[i][j] =
            a.get(i).equals(b.get(j))
                ? table[i + 1][j + 1] + 1
                : Math.max(table[i + 1][j], table[i][j + 1]);
      }
    }
    return table;
  }

  private static void appendMarked(StringBuilder html, String token) {
    html.append("<mark>").append(Html.escape(token)).append("</mark>");
  }

  private static String joined(StringBuilder html) {
    return html.toString().replace("</mark><mark>", "");
  }

  private static List<String> tokens(String text, int maximumTokens) {
    List<String> tokens = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(text);
    while (matcher.find() && tokens.size() < maximumTokens) {
      tokens.add(matcher.group());
    }
    return tokens;
  }
}
