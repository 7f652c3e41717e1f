package io.batchwright.data.dedup;

import static io.batchwright.data.dedup.Mix.mix;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.io.Serializable;

/**
 * How a text becomes a MinHash signature: {@link #permutations} values of 32 bits, such that two
 * texts agree in a value with the probability of the Jaccard similarity of their shingle sets.
 * Stored beside signatures ({@link SchemeJson}): those of two schemes must not be compared.
 *
 * <table>
 * <caption>The family; nanoseconds a shingle at 128 values are in docs/benchmarks</caption>
 * <tr><td>{@link OnePermutationHash}</td><td>the default: one hash a shingle</td></tr>
 * <tr><td>{@link SuperMinHash}</td><td>least variance on texts of some tens of shingles</td></tr>
 * <tr><td>{@link DatasketchMinHash}</td><td>bit for bit SlimPajama's, for comparison</td></tr>
 * </table>
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "name")
@JsonSubTypes({
  @JsonSubTypes.Type(value = OnePermutationHash.class, name = "OnePermutationHash"),
  @JsonSubTypes.Type(value = SuperMinHash.class, name = "SuperMinHash"),
  @JsonSubTypes.Type(value = DatasketchMinHash.class, name = "DatasketchMinHash")
})
public sealed interface SignatureScheme extends Serializable
    permits OnePermutationHash, SuperMinHash, DatasketchMinHash {

  /** The version of the algorithm. */
  int version();

  /** What is hashed, and what similarity is to be measured on. */
  Shingles shingles();

  /** Values of a signature. */
  int permutations();

  /** Chooses the hash functions. */
  long seed();

  /** Signs one text after another with buffers that it keeps; one for each thread. */
  Signer signer();

  /** The signature of {@code text}, or null for a text without shingles. */
  default int[] signature(String text) {
    Signer signer = signer();
    return signer.sign(text) ? signer.signature().clone() : null;
  }

  /** The share of values in which two signatures of one scheme agree: estimates Jaccard. */
  static double agreement(int[] a, int[] b) {
    int equal = 0;
    for (int i = 0; i < a.length; i++) {
      equal += a[i] == b[i] ? 1 : 0;
    }
    return (double) equal / a.length;
  }

  /** The bucket keys of {@code signature}: one a band, different for different bands and salts. */
  static long[] bandKeys(int[] signature, int bands, int rows, long salt) {
    long[] keys = new long[bands];
    bandKeys(signature, rows, salt, keys);
    return keys;
  }

  /** Writes the bucket keys of as many bands of {@code rows} values as {@code keys} holds. */
  static void bandKeys(int[] signature, int rows, long salt, long[] keys) {
    int lane = 0;
    for (int band = 0; band < keys.length; band++) {
      long key = mix(salt + band);
      for (int row = 0; row < rows; row++) {
        key = mix(key ^ (signature[lane] & 0xFFFFFFFFL));
        lane++;
      }
      keys[band] = key;
    }
  }
}
