package io.batchwright.data.dedup;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/**
 * MinHash bit for bit as datasketch 1.5.9 computes it in SlimPajama's {@code to_hash.py}: for
 * comparison with signatures and clusters made there, not for speed.
 *
 * <p>{@code x = } the first 4 bytes, little endian, of SHA-1 of the shingle in UTF-8; {@code
 * value_i = min over x of ((a_i x + b_i) mod 2^64 mod (2^61 - 1)) mod 2^32}, where {@code a_i, b_i}
 * come from MT19937 by turns, {@code a} in [1, 2^61 - 1), {@code b} in [0, 2^61 - 1), as {@code
 * numpy.random.RandomState(seed).randint(..., dtype=uint64)} makes them. The product wraps at 64
 * bits, as numpy's does. Shingles are runs of {@code characters} code points of the text cleaned as
 * SlimPajama cleans it: lower case, ASCII punctuation deleted, white space collapsed and stripped.
 *
 * <p><b>Deviations.</b> A text of fewer characters than a shingle has no signature here, there one
 * of 2^32 - 1 throughout, which makes all such texts duplicates of each other. Lone surrogates,
 * which Python cannot encode, are taken as "?". Lower case follows the Unicode of Java (13 in Java
 * 17), there that of Python.
 *
 * <p><b>Relations.</b> SlimPajama takes 9 bands of 13 of the 128 values and verifies nothing; exact
 * similarity is to be measured on {@link #shingles}.
 *
 * @param version the version of the algorithm, {@link #VERSION} for new signatures
 * @param characters code points of a shingle, 1 to 1024; SlimPajama's are 13
 * @param permutations values of a signature, 1 to 4096
 * @param seed of MT19937, 0 to 2^32 - 1; datasketch's default is 1
 */
@Paper(
    title = "SlimPajama-DC: Understanding Data Combinations for LLM Training",
    arxiv = "2309.10818",
    where = "Section 2; datasketch 1.5.9, MinHash.update")
public record DatasketchMinHash(int version, int characters, int permutations, long seed)
    implements SignatureScheme {
  /** The version that this code computes. */
  public static final int VERSION = 1;

  /** SlimPajama's: 13 characters, 128 permutations, seed 1. */
  public static final DatasketchMinHash PAPER = new DatasketchMinHash(VERSION, 13, 128, 1);

  private static final long MERSENNE = (1L << 61) - 1;

  public DatasketchMinHash {
    SchemeJson.checkVersion("DatasketchMinHash", version, VERSION);
    Check.range("DatasketchMinHash.characters", characters, 1, true, 1024, true);
    Check.range("DatasketchMinHash.permutations", permutations, 1, true, 4096, true);
    Check.range("DatasketchMinHash.seed", seed, 0, true, 0xFFFFFFFFL, true);
  }

  @Override
  public Shingles shingles() {
    return new Shingles(ShingleUnit.CHARACTERS, characters).after(Normalization.NONE);
  }

  @Override
  public Signer signer() {
    return new Permutations(this);
  }

  /** The text as SlimPajama cleans it. */
  static String cleaned(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    byte[] kinds = Characters.kinds();
    boolean space = false;
    String lower = text.toLowerCase(Locale.ROOT);
    for (int i = 0; i < lower.length(); i++) {
      char c = lower.charAt(i);
      if (isPythonSpace(c)) {
        space = clean.length() > 0;
      } else if (c >= 128 || (kinds[c] & Characters.ASCII_PUNCTUATION) == 0) {
        if (space) {
          clean.append(' ');
          space = false;
        }
        clean.append(c);
      }
    }
    return clean.toString();
  }

  /** What {@code \s} matches in Python's {@code re} on str. */
  private static boolean isPythonSpace(char c) {
    return c >= 9 && c <= 13
        || c >= 28 && c <= 32
        || c == 0x85
        || c == 0xA0
        || c >= 128 && Character.isSpaceChar(c);
  }

  private static final class Permutations extends Signer {
    private final int characters;
    private final long[] a;
    private final long[] b;
    private final MessageDigest sha1;
    private final byte[] digest = new byte[20];
    private long[] elements = new long[1024];
    private int shingles;

    Permutations(DatasketchMinHash scheme) {
      super(scheme.permutations);
      characters = scheme.characters;
      a = new long[scheme.permutations];
      b = new long[scheme.permutations];
      MersenneTwister random = new MersenneTwister(scheme.seed);
      for (int i = 0; i < a.length; i++) {
        a[i] = 1 + random.upTo(MERSENNE - 2);
        b[i] = random.upTo(MERSENNE - 1);
      }
      try {
        sha1 = MessageDigest.getInstance("SHA-1");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java has SHA-1", e);
      }
    }

    @Override
    public int shingles() {
      return shingles;
    }

    @Override
    public boolean sign(String text) {
      byte[] utf8 = cleaned(text).getBytes(StandardCharsets.UTF_8);
      int from = 0;
      int to = 0;
      for (int points = 0; points < characters; points++) {
        if (to == utf8.length) {
          return false;
        }
        to = next(utf8, to);
      }
      if (elements.length < utf8.length) {
        elements = new long[utf8.length];
      }
      elements[0] = sha1(utf8, from, to);
      int count = 1;
      while (to < utf8.length) {
        from = next(utf8, from);
        to = next(utf8, to);
        elements[count] = sha1(utf8, from, to);
        count++;
      }
      sign(elements, count);
      return true;
    }

    /** Permutes the low 32 bits of the elements. */
    @Override
    void sign(long[] hashes, int count) {
      int[] signature = signature();
      for (int i = 0; i < signature.length; i++) {
        long least = 0xFFFFFFFFL;
        long factor = a[i];
        long shift = b[i];
        for (int j = 0; j < count; j++) {
          long product = factor * (hashes[j] & 0xFFFFFFFFL) + shift;
          long rest = (product & MERSENNE) + (product >>> 61);
          rest -= rest >= MERSENNE ? MERSENNE : 0;
          least = Math.min(least, rest & 0xFFFFFFFFL);
        }
        signature[i] = (int) least;
      }
    }

    private static int next(byte[] utf8, int at) {
      int next = at + 1;
      while (next < utf8.length && (utf8[next] & 0xC0) == 0x80) {
        next++;
      }
      return next;
    }

    private long sha1(byte[] utf8, int from, int to) {
      sha1.update(utf8, from, to - from);
      try {
        sha1.digest(digest, 0, digest.length);
      } catch (DigestException e) {
        throw new IllegalStateException("20 bytes hold SHA-1", e);
      }
      return digest[0] & 0xFFL
          | (digest[1] & 0xFFL) << 8
          | (digest[2] & 0xFFL) << 16
          | (digest[3] & 0xFFL) << 24;
    }
  }
}
