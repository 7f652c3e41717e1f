package io.batchwright.jobs.bench.dedup;

import io.batchwright.jobs.bench.dedup.PlantedSet.Planted;
import io.batchwright.jobs.bench.dedup.PlantedSet.PlantedPair;
import io.batchwright.jobs.bench.dedup.PlantedSet.Sizes;
import io.batchwright.tensor.RandomStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Plants a {@link PlantedSet} in real texts. */
final class Planting {
  private static final int TEMPLATE_MEMBERS = 10;
  private static final int BOILERPLATE_BODIES = 10;

  private final long seed;
  private final Sizes sizes;
  private final UnrelatedTexts bases;
  private final PlantedEdits edits;
  private final List<Planted> documents = new ArrayList<>();
  private final List<PlantedPair> pairs = new ArrayList<>();
  private int draws;

  private Planting(List<String> texts, Sizes sizes, long seed) {
    this.seed = seed;
    this.sizes = sizes;
    this.bases = UnrelatedTexts.of(texts, sizes.bases(), seed);
    this.edits = new PlantedEdits(PlantedEdits.vocabulary(texts.subList(0, 20)));
  }

  /**
   * The planted set of {@code seed}.
   *
   * @param texts real texts, of which enough must have 300 words and be unlike the others; the
   *     first 20 also give the words that edits put in
   */
  static PlantedSet of(List<String> texts, Sizes sizes, long seed) {
    Planting planting = new Planting(texts, sizes, seed);
    planting.pairs();
    for (int family = 0; family < sizes.families(); family++) {
      planting.chain(family);
      planting.template(family);
      planting.containment(family);
      planting.boilerplate(family);
      planting.scripts(family);
    }
    planting.shortAndEmpty();
    planting.hotBucket();
    planting.longDocument();
    return new PlantedSet(planting.documents, planting.pairs);
  }

  private void pairs() {
    for (double target : PlantedSet.TARGETS) {
      for (int i = 0; i < sizes.pairsPerTarget(); i++) {
        String name = String.format(Locale.ROOT, "pair/%.2f/%d/", target, i);
        String base = bases.next();
        String copy = target == 1 ? PlantedEdits.sameShingles(base) : near(base, target);
        double jaccard = PlainShingles.jaccard(PlainShingles.of(base), PlainShingles.of(copy));
        int a = add(name + "base", base);
        pairs.add(new PlantedPair(a, add(name + "copy", copy), target, jaccard));
      }
    }
  }

  /** A ~ B ~ C ~ D at 0.85, but A and C below 0.8. */
  private void chain(int family) {
    String text = bases.next();
    for (String link : List.of("A", "B", "C", "D")) {
      add("chain/%d/%s".formatted(family, link), text);
      text = near(text, 0.85);
    }
  }

  /** One form filled in ten times: pairs of about 0.45 that are not duplicates. */
  private void template(int family) {
    String form = bases.next();
    for (int member = 0; member < TEMPLATE_MEMBERS; member++) {
      add("template/%d/%d".formatted(family, member), near(form, 0.65));
    }
  }

  /** A text, its first half, and it with another one behind: 0.5 by Jaccard. */
  private void containment(int family) {
    String text = bases.next();
    int[] spans = PlainShingles.spans(text);
    add("containment/%d/text".formatted(family), text);
    add(
        "containment/%d/prefix".formatted(family),
        PlantedEdits.window(text, spans, 0, spans.length / 4));
    add("containment/%d/superset".formatted(family), text + "\n" + bases.next());
  }

  /** One header over different bodies, from much shorter than the header to longer. */
  private void boilerplate(int family) {
    String header = bases.next();
    for (int body = 0; body < BOILERPLATE_BODIES; body++) {
      String text = bases.next();
      int[] spans = PlainShingles.spans(text);
      int words = Math.max(10, spans.length / 2 * (body + 1) / BOILERPLATE_BODIES);
      add(
          "boilerplate/%d/%d".formatted(family, body),
          header + "\n" + PlantedEdits.window(text, spans, 0, words));
    }
  }

  /** Chinese, Japanese and Arabic: a text, a copy that ends otherwise, and another text. */
  private void scripts(int family) {
    for (Locale locale : List.of(Locale.CHINESE, Locale.JAPANESE, Locale.forLanguageTag("ar"))) {
      String name = "script/%d/%s-".formatted(family, locale);
      String text = ScriptTexts.of(locale, 70, stream());
      add(name + "text", text);
      add(name + "copy", text + ScriptTexts.of(locale, 4, stream()));
      add(name + "other", ScriptTexts.of(locale, 70, stream()));
    }
  }

  private void shortAndEmpty() {
    add("short/two-words", "fix it");
    add("short/two-words-again", "Fix  it!");
    add("short/two-others", "fix them");
    add("short/symbols", "+++ --- ***");
    add("short/other-symbols", "=== :: ===");
    add("empty/nothing", "");
    add("empty/space", "  \n\t ");
  }

  private void hotBucket() {
    String text = bases.next();
    for (int member = 0; member < sizes.hotMembers(); member++) {
      add("hot/" + member, text + " member" + member);
    }
  }

  private void longDocument() {
    StringBuilder text = new StringBuilder(sizes.longCharacters() + 100);
    RandomStream stream = stream();
    for (int i = 0; text.length() < sizes.longCharacters(); i++) {
      String sentence =
          edits.sentence(RandomStream.of(seed, "long document", i, stream.intAt(0)), 12);
      text.append(sentence).append(".\n");
    }
    add("long/text", text.toString());
    add("long/copy", text + edits.sentence(stream(), 12));
  }

  private String near(String text, double target) {
    return edits.near(text, target, stream());
  }

  private RandomStream stream() {
    return RandomStream.of(seed, "planted set", 0, draws++);
  }

  private int add(String id, String text) {
    documents.add(new Planted(id, text));
    return documents.size() - 1;
  }
}
