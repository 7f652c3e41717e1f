package io.batchwright.train.evaluation;

/** Ids without white space, as the TREC formats need them. */
final class TrecId {
  private TrecId() {}

  /** Writes white space and the percent sign as {@code %XX}; other ids stay as they are. */
  static String encode(String id) {
    StringBuilder encoded = new StringBuilder(id.length());
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if (c == '%' || c <= ' ') {
        encoded.append('%').append("%02X".formatted((int) c));
      } else {
        encoded.append(c);
      }
    }
    return encoded.toString();
  }

  /** The inverse of {@link #encode}; a percent sign that starts no code stays. */
  static String decode(String id) {
    if (id.indexOf('%') < 0) {
      return id;
    }
    StringBuilder decoded = new StringBuilder(id.length());
    for (int i = 0; i < id.length(); i++) {
      if (id.charAt(i) == '%' && i + 2 < id.length() && hex(id, i + 1) >= 0) {
        decoded.append((char) hex(id, i + 1));
        i += 2;
      } else {
        decoded.append(id.charAt(i));
      }
    }
    return decoded.toString();
  }

  private static int hex(String id, int from) {
    int high = Character.digit(id.charAt(from), 16);
    int low = Character.digit(id.charAt(from + 1), 16);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
  }
}
