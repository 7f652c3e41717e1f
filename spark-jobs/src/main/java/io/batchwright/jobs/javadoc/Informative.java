package io.batchwright.jobs.javadoc;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether a description says enough to be searched by.
 *
 * <p>The rule: take the distinct words (camelCase split, lower case, two letters or more), leave
 * out English function words and the words that any description of any method may use (returns,
 * gets, given, value, object, ...). What remains are content words. A description needs {@code
 * minimum} of them, and one more where it begins with an accessor's verb, so that "Gets the buffer
 * size." goes and "Reverses the array." stays.
 */
final class Informative {
  private static final Pattern WORD =
      Pattern.compile("[A-Z]?\\p{Ll}+|\\p{Lu}+(?!\\p{Ll})|\\p{Lo}+");
  private static final Set<String> ACCESSORS =
      Set.of("returns", "return", "gets", "get", "sets", "set", "getter", "setter", "accessor");
  private static final Set<String> SAYS_NOTHING =
      Set.of(
          """
          a an and any are as at be been being by can do does for from had has have if in into
          is it its may must no nor not of off on onto or out over own should so some such than
          that the their them then there these they this those to too up upon was were what
          when where whether which while who whose will with within would you your we our us
          all also but each every other only same see use used uses using via returns return
          returned gets get getter sets set setter accessor obtains provides value values given
          specified object objects instance instances method methods constructor constructs
          construct creates create created new default class field property parameter
          parameters param argument arguments implementation interface override overrides
          overridden initializes true false null todo inherited current associated
          corresponding
          """
              .strip()
              .split("\\s+"));
  private static final double FOREIGN_SHARE = 0.3;

  private Informative() {}

  /** Whether {@code description} has the content words it needs. */
  static boolean test(String description, int minimum) {
    Set<String> content = new HashSet<>();
    String first = null;
    Matcher words = WORD.matcher(description);
    while (words.find()) {
      String word = words.group().toLowerCase(Locale.ROOT);
      first = first == null ? word : first;
      if (word.length() > 1 && !SAYS_NOTHING.contains(word)) {
        content.add(word);
      }
    }
    int needed = first != null && ACCESSORS.contains(first) ? minimum + 1 : minimum;
    return content.size() >= needed;
  }

  /** Whether a third of the letters are outside the Latin script: obviously not English. */
  static boolean foreign(String description) {
    long letters = description.codePoints().filter(Character::isLetter).count();
    long foreign = description.codePoints().filter(c -> Character.isLetter(c) && c > 0x24f).count();
    return foreign > FOREIGN_SHARE * letters;
  }
}
