package io.batchwright.jobs.bench.dedup;

import io.batchwright.tensor.RandomStream;
import java.util.Currency;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Real words of other scripts: the Java library's names of countries, languages, currencies. */
final class ScriptTexts {
  private ScriptTexts() {}

  /** {@code count} names in the language of {@code locale}, drawn from {@code stream}. */
  static String of(Locale locale, int count, RandomStream stream) {
    List<String> names = names(locale);
    String between = locale.getLanguage().equals("ar") ? "\u060C " : "\u3001";
    return IntStream.range(0, count)
        .mapToObj(i -> names.get((int) stream.belowAt(i, names.size())))
        .collect(Collectors.joining(between));
  }

  private static List<String> names(Locale locale) {
    Stream<String> countries =
        Stream.of(Locale.getISOCountries())
            .map(country -> new Locale("", country).getDisplayCountry(locale));
    Stream<String> languages =
        Stream.of(Locale.getISOLanguages())
            .map(language -> new Locale(language).getDisplayLanguage(locale));
    Stream<String> currencies =
        Currency.getAvailableCurrencies().stream().map(currency -> currency.getDisplayName(locale));
    return Stream.of(countries, languages, currencies)
        .flatMap(all -> all)
        .distinct()
        .sorted()
        .toList();
  }
}
