package io.batchwright.jobs.javadoc;

import com.github.javaparser.Position;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a Java file with the places of its comments, found by one pass over the characters
 * that knows strings, character literals and text blocks.
 *
 * <p>Line ends are unified to {@code \n} first, so that the parser's positions map to offsets.
 */
final class SourceText {
  private static final Pattern EMPTY_LINES = Pattern.compile("\n(?:[ \t]*\n)+");
  private static final Pattern TRAILING_SPACE = Pattern.compile("[ \t]+(?=\n|$)");

  private final String text;
  private int[] lineStarts = new int[256];
  private int lines;
  private int[] comments = new int[64]; // begin, end, begin, end, ...
  private int commentEnds;

  private SourceText(String text) {
    this.text = text;
    startLine(0);
    scan();
  }

  static SourceText of(String file) {
    String unified = file.indexOf('\r') < 0 ? file : file.replace("\r\n", "\n").replace('\r', '\n');
    return new SourceText(unified.startsWith("\uFEFF") ? unified.substring(1) : unified);
  }

  String text() {
    return text;
  }

  int offset(Position position) {
    return lineStarts[position.line - 1] + position.column - 1;
  }

  /**
   * The doc comment that ends before {@code begin} with only space and comments between, or null.
   */
  String docCommentBefore(int begin) {
    int end = begin;
    int last = lastCommentBefore(begin);
    while (last >= 0 && isBlank(comments[last + 1], end)) {
      if (text.startsWith("/**", comments[last]) && comments[last + 1] - comments[last] > 4) {
        return text.substring(comments[last], comments[last + 1]);
      }
      end = comments[last];
      last -= 2;
    }
    return null;
  }

  /** The lines between two offsets without their comments, moved left by their common indent. */
  String withoutComments(int begin, int end) {
    StringBuilder code = new StringBuilder(end - begin);
    int from = begin;
    for (int i = firstCommentFrom(begin); i < commentEnds && comments[i] < end; i += 2) {
      code.append(text, from, comments[i]);
      from = comments[i + 1];
    }
    code.append(text, from, end);
    String indent = indent(begin);
    String moved =
        indent.isEmpty() ? code.toString() : code.toString().replace("\n" + indent, "\n");
    String trimmed = TRAILING_SPACE.matcher(moved).replaceAll("");
    return EMPTY_LINES.matcher(trimmed).replaceAll("\n");
  }

  /** {@code code} with {@code method}, where it is declared or called, named {@code neutral}. */
  static String renamed(String code, String method, String neutral) {
    return Pattern.compile(
            "(?<![\\w$])"
                + Pattern.quote(method)
                + "(?=\\s*\\()|(?<=::)"
                + Pattern.quote(method)
                + "(?![\\w$])")
        .matcher(code)
        .replaceAll(Matcher.quoteReplacement(neutral));
  }

  private String indent(int begin) {
    int lineStart = text.lastIndexOf('\n', begin - 1) + 1;
    String before = text.substring(lineStart, begin);
    return before.isBlank() ? before : "";
  }

  private int lastCommentBefore(int offset) {
    return firstCommentFrom(offset) - 2;
  }

  /** Index of the first comment that begins at or after {@code offset}. */
  private int firstCommentFrom(int offset) {
    int low = 0;
    int high = commentEnds / 2;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (comments[2 * middle] < offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return 2 * low;
  }

  private boolean isBlank(int from, int to) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) > ' ') {
        return false;
      }
    }
    return true;
  }

  private void scan() {
    int length = text.length();
    int at = 0;
    while (at < length) {
      char c = text.charAt(at);
      if (c == '\n') {
        startLine(++at);
      } else if (c == '/' && text.startsWith("//", at)) {
        int end = text.indexOf('\n', at);
        at = comment(at, end < 0 ? length : end);
      } else if (c == '/' && text.startsWith("/*", at)) {
        int end = text.indexOf("*/", at + 2);
        at = comment(at, end < 0 ? length : end + 2);
      } else if (c == '"' && text.startsWith("\"\"\"", at)) {
        at = skipLiteral(at + 3, "\"\"\"");
      } else if (c == '"' || c == '\'') {
        at = skipLiteral(at + 1, c == '"' ? "\"" : "'");
      } else {
        at++;
      }
    }
  }

  private int skipLiteral(int at, String terminator) {
    int length = text.length();
    boolean oneLine = terminator.length() == 1;
    while (at < length && !text.startsWith(terminator, at)) {
      if (text.charAt(at) == '\n') {
        if (oneLine) {
          return at;
        }
        startLine(at + 1);
      } else if (text.charAt(at) == '\\' && at + 1 < length && text.charAt(at + 1) != '\n') {
        at++;
      }
      at++;
    }
    return Math.min(length, at + terminator.length());
  }

  private int comment(int begin, int end) {
    if (commentEnds + 2 > comments.length) {
      comments = Arrays.copyOf(comments, comments.length * 2);
    }
    comments[commentEnds++] = begin;
    comments[commentEnds++] = end;
    for (int i = text.indexOf('\n', begin); i >= 0 && i < end; i = text.indexOf('\n', i + 1)) {
      startLine(i + 1);
    }
    return end;
  }

  private void startLine(int offset) {
    if (lines == lineStarts.length) {
      lineStarts = Arrays.copyOf(lineStarts, lines * 2);
    }
    lineStarts[lines++] = offset;
  }
}
