package io.batchwright.jobs.javadoc;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Turns a doc comment into the plain words of its first sentences: inline tags give their text,
 * HTML tags go, entities are decoded, white space is collapsed.
 */
final class Description {
  /** Stands for a paragraph's end until sentences are cut. */
  private static final char BREAK = '\u2029';

  private static final Pattern LINE_START = Pattern.compile("(?m)^[ \t]*\\*+ ?");
  private static final Pattern BLOCK_TAG = Pattern.compile("(?m)^[ \t]*@[a-zA-Z]");
  private static final Pattern PREFORMATTED =
      Pattern.compile("(?is)<pre\\b.*?(?:</pre>|$)|<table\\b.*?(?:</table>|$)|<!--.*?-->");
  private static final Pattern BREAKING_TAG =
      Pattern.compile("(?i)</?(?:p|ul|ol|li|dl|dt|dd|h[1-6]|div|blockquote|hr|tr)\\b[^<>]*>");
  private static final Pattern HTML_TAG = Pattern.compile("</?[a-zA-Z][^<>]*>");
  private static final Pattern ENTITY =
      Pattern.compile("&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|\\w+);");
  private static final Pattern SPACE = Pattern.compile("[\\s\u00a0]+");
  private static final Pattern ABBREVIATION =
      Pattern.compile(
          "(?i)(?:^|[\\s(])(?:e\\.g|i\\.e|etc|vs|cf|no|fig|eq|sec|resp|approx|dr|mr|st|al)\\.$");
  private static final Map<String, String> ENTITIES =
      Map.ofEntries(
          Map.entry("lt", "<"),
          Map.entry("gt", ">"),
          Map.entry("amp", "&"),
          Map.entry("quot", "\""),
          Map.entry("apos", "'"),
          Map.entry("nbsp", " "),
          Map.entry("ndash", "-"),
          Map.entry("mdash", "-"),
          Map.entry("hellip", "..."),
          Map.entry("times", "\u00d7"),
          Map.entry("le", "\u2264"),
          Map.entry("ge", "\u2265"),
          Map.entry("ne", "\u2260"),
          Map.entry("infin", "\u221e"),
          Map.entry("pi", "\u03c0"),
          Map.entry("sum", "\u2211"),
          Map.entry("copy", "\u00a9"));

  private Description() {}

  /** Whether a doc comment says nothing but {@code {@inheritDoc}} before its block tags. */
  static boolean inherited(String comment) {
    return body(comment).contains("{@inheritDoc}");
  }

  /** The first sentences of a doc comment, or an empty text. */
  static String firstSentences(String comment, int maximumSentences, int maximumCharacters) {
    String html = inlineTags(body(comment));
    String text = PREFORMATTED.matcher(html).replaceAll(String.valueOf(BREAK));
    text = BREAKING_TAG.matcher(text).replaceAll(String.valueOf(BREAK));
    text = entities(HTML_TAG.matcher(text).replaceAll(""));
    text = SPACE.matcher(text).replaceAll(" ").strip();
    return sentences(text.replace(PROTECTED_OPEN, '<'), maximumSentences, maximumCharacters);
  }

  /** The comment's text before its first block tag, without delimiters and leading asterisks. */
  private static String body(String comment) {
    String inside = comment.substring(3, comment.length() - 2);
    String lines = LINE_START.matcher(inside).replaceAll("");
    Matcher tag = BLOCK_TAG.matcher(lines);
    return tag.find() ? lines.substring(0, tag.start()) : lines;
  }

  /** A '<' that is text, hidden from the removal of HTML tags. */
  private static final char PROTECTED_OPEN = '\ue000';

  private static String inlineTags(String text) {
    int open = text.indexOf("{@");
    if (open < 0) {
      return text;
    }
    StringBuilder plain = new StringBuilder(text.length());
    int from = 0;
    while (open >= 0) {
      plain.append(text, from, open);
      int close = closing(text, open);
      plain.append(inlineTag(text.substring(open + 2, close)));
      from = Math.min(text.length(), close + 1);
      open = text.indexOf("{@", from);
    }
    return plain.append(text, from, text.length()).toString();
  }

  private static int closing(String text, int open) {
    int depth = 0;
    for (int i = open; i < text.length(); i++) {
      if (text.charAt(i) == '{') {
        depth++;
      } else if (text.charAt(i) == '}' && --depth == 0) {
        return i;
      }
    }
    return text.length();
  }

  private static String inlineTag(String tag) {
    int space = 0;
    while (space < tag.length() && !Character.isWhitespace(tag.charAt(space))) {
      space++;
    }
    String name = tag.substring(0, space);
    String content = tag.substring(space).strip();
    return switch (name) {
      case "code", "literal" -> content.replace('<', PROTECTED_OPEN).replace("&", "&amp;");
      case "link", "linkplain", "value" -> reference(content);
      case "return" -> "Returns " + inlineTags(content) + ".";
      case "inheritDoc", "docRoot", "index", "snippet" -> "";
      default -> inlineTags(content);
    };
  }

  /** The label of a link, or its target written as a person would say it. */
  private static String reference(String content) {
    int depth = 0;
    for (int i = 0; i < content.length(); i++) {
      char c = content.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (depth == 0 && Character.isWhitespace(c)) {
        return inlineTags(content.substring(i).strip());
      }
    }
    int parameters = content.indexOf('(');
    String target = parameters < 0 ? content : content.substring(0, parameters);
    String type = target.startsWith("#") ? target.substring(1) : target.replace('#', '.');
    return type.matches("(?:[a-z][\\w]*\\.)+[A-Z].*")
        ? type.replaceFirst("^(?:[a-z]\\w*\\.)+", "")
        : type;
  }

  private static String entities(String text) {
    if (text.indexOf('&') < 0) {
      return text;
    }
    return ENTITY
        .matcher(text)
        .replaceAll(found -> Matcher.quoteReplacement(entity(found.group(1), found.group())));
  }

  private static String entity(String name, String whole) {
    if (name.charAt(0) != '#') {
      return ENTITIES.getOrDefault(name, whole);
    }
    boolean hexadecimal = name.charAt(1) == 'x' || name.charAt(1) == 'X';
    int point = Integer.parseInt(name.substring(hexadecimal ? 2 : 1), hexadecimal ? 16 : 10);
    return Character.isValidCodePoint(point) && point >= ' ' ? Character.toString(point) : " ";
  }

  private static String sentences(String text, int maximumSentences, int maximumCharacters) {
    StringBuilder kept = new StringBuilder();
    int from = 0;
    for (int n = 0; n < maximumSentences && from < text.length(); ) {
      int end = sentenceEnd(text, from);
      String sentence = text.substring(from, end).replace(BREAK, ' ').strip();
      from = end;
      if (sentence.isEmpty() || !sentence.chars().anyMatch(Character::isLetter)) {
        continue;
      }
      if (kept.length() + sentence.length() + 1 > maximumCharacters) {
        if (kept.isEmpty()) {
          kept.append(cut(sentence, maximumCharacters));
        }
        break;
      }
      kept.append(kept.isEmpty() ? "" : " ").append(sentence);
      n++;
    }
    return kept.toString();
  }

  private static int sentenceEnd(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == BREAK) {
        return i + 1;
      }
      boolean stop = c == '.' || c == '!' || c == '?';
      boolean spaceFollows =
          i + 1 == text.length() || text.charAt(i + 1) == ' ' || text.charAt(i + 1) == BREAK;
      if (stop
          && spaceFollows
          && !ABBREVIATION.matcher(text.substring(Math.max(from, i - 8), i + 1)).find()
          && !(i + 2 < text.length() && Character.isLowerCase(text.charAt(i + 2)))) {
        return i + 1;
      }
    }
    return text.length();
  }

  private static String cut(String sentence, int maximumCharacters) {
    int space = sentence.lastIndexOf(' ', maximumCharacters);
    return sentence.substring(0, space > maximumCharacters / 2 ? space : maximumCharacters).strip();
  }
}
