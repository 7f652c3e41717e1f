package io.batchwright.data.sql;

import io.batchwright.data.dedup.Normalization;
import io.batchwright.data.dedup.SchemeJson;
import io.batchwright.data.dedup.ShingleHasher;
import io.batchwright.data.dedup.ShingleUnit;
import io.batchwright.data.dedup.Shingles;
import io.batchwright.data.dedup.SignatureKind;
import io.batchwright.data.dedup.SignatureScheme;
import io.batchwright.data.dedup.Signer;
import io.batchwright.technique.Check;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * What the functions of {@link BatchwrightExtensions} compute, on Spark's own values. Options
 * arrive with each row and are nearly always those of the row before: each thread keeps what it
 * made of them, buffers included.
 */
public final class TextFunctions {
  private static final ThreadLocal<Last<Normalization>> NORMALIZATION =
      ThreadLocal.withInitial(Last::new);
  private static final ThreadLocal<Last<Signer>> SIGNER = ThreadLocal.withInitial(Last::new);
  private static final ThreadLocal<Last<ShingleHasher[]>> HASHERS =
      ThreadLocal.withInitial(Last::new);

  private TextFunctions() {}

  /** {@code batchwright_normalize}. */
  public static UTF8String normalize(
      UTF8String text,
      UTF8String form,
      boolean foldCase,
      boolean ignorePunctuation,
      boolean foldDigits) {
    Last<Normalization> last = NORMALIZATION.get();
    int flags = (foldCase ? 1 : 0) | (ignorePunctuation ? 2 : 0) | (foldDigits ? 4 : 0);
    if (!last.is(form, flags)) {
      Normalization.Form named = named("form", Normalization.Form.class, form.toString());
      last.set(
          form,
          flags,
          new Normalization(Normalization.VERSION, named, foldCase, ignorePunctuation, foldDigits));
    }
    String before = text.toString();
    String after = last.made.apply(before);
    return after.equals(before) ? text : UTF8String.fromString(after);
  }

  /** {@code batchwright_signature}. */
  public static UnsafeArrayData signature(UTF8String text, UTF8String scheme) {
    Last<Signer> last = SIGNER.get();
    if (!last.is(scheme, 0)) {
      last.set(scheme, 0, scheme(scheme.toString()).signer());
    }
    Signer signer = last.made;
    return signer.sign(text.toString())
        ? UnsafeArrayData.fromPrimitiveArray(signer.signature())
        : null;
  }

  /** {@code batchwright_similarity}. */
  public static double similarity(UTF8String a, UTF8String b, UTF8String unit, int size) {
    Last<ShingleHasher[]> last = HASHERS.get();
    if (!last.is(unit, size)) {
      Shingles shingles = new Shingles(named("unit", ShingleUnit.class, unit.toString()), size);
      last.set(unit, size, new ShingleHasher[] {shingles.hasher(), shingles.hasher()});
    }
    ShingleHasher left = last.made[0];
    ShingleHasher right = last.made[1];
    left.hash(a.toString());
    right.hash(b.toString());
    int sizeA = left.distinct();
    int sizeB = right.distinct();
    return Shingles.jaccard(left.hashes(), sizeA, right.hashes(), sizeB);
  }

  /**
   * A scheme by the name of its kind, such as {@code one_permutation}, with that kind's usual
   * shingles and 128 values, or by its stored form.
   *
   * @throws IllegalArgumentException if it is neither
   */
  static SignatureScheme scheme(String nameOrJson) {
    if (nameOrJson.startsWith("{")) {
      return SchemeJson.read(nameOrJson);
    }
    SignatureKind kind = named("scheme", SignatureKind.class, nameOrJson);
    boolean characters = kind == SignatureKind.DATASKETCH;
    Shingles shingles =
        characters ? new Shingles(ShingleUnit.CHARACTERS, 13) : new Shingles(ShingleUnit.WORDS, 5);
    return kind.scheme(shingles, 128, 1);
  }

  static <E extends Enum<E>> E named(String field, Class<E> type, String name) {
    E[] legal = type.getEnumConstants();
    String wanted = name.strip().toUpperCase(Locale.ROOT);
    String[] names = Arrays.stream(legal).map(Enum::name).toArray(String[]::new);
    Check.oneOf(field, wanted, names);
    return Enum.valueOf(type, wanted);
  }

  /** What was made of the options of the row before. */
  private static final class Last<T> {
    private UTF8String name;
    private int number;
    private T made;

    boolean is(UTF8String name, int number) {
      return number == this.number && Objects.equals(name, this.name);
    }

    void set(UTF8String name, int number, T made) {
      this.name = name.copy();
      this.number = number;
      this.made = made;
    }
  }
}
