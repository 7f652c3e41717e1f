package io.batchwright.train.evaluation;

/** Compares texts as {@code strcmp} compares their UTF-8 bytes, which is by code point. */
final class Utf8Order {
  private Utf8Order() {}

  static int compare(String left, String right) {
    int common = Math.min(left.length(), right.length());
    for (int i = 0; i < common; i++) {
      char a = left.charAt(i);
      char b = right.charAt(i);
      if (a != b) {
        // Surrogates sort below U+E000..U+FFFF as UTF-16 units, but above them as code points.
        boolean aboveBmp = Character.isSurrogate(a) != Character.isSurrogate(b);
        return aboveBmp ? (Character.isSurrogate(a) ? 1 : -1) : Character.compare(a, b);
      }
    }
    return Integer.compare(left.length(), right.length());
  }
}
