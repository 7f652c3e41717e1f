package io.batchwright.data.ledger;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import net.openhft.hashing.LongTupleHashFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A hash of a table's content that does not depend on the order of rows or columns, or on
 * partitions: equal tables have equal hashes, and different ones differ but for a chance of about
 * 2^-128.
 *
 * <p>It is the sum modulo 2^128 of the rows' 128-bit XXH3 hashes (a sum, so that a row standing
 * twice does not cancel itself), with the number of rows. A row is hashed over its columns in the
 * order of their names, each with name, kind and value.
 *
 * @param rows the number of rows
 * @param high the upper half of the sum
 * @param low the lower half of the sum
 */
public record CanonicalHash(long rows, long high, long low) implements Serializable {
  /** The version of the encoding behind the hash. */
  public static final int VERSION = 1;

  private static final CanonicalHash EMPTY = new CanonicalHash(0, 0, 0);
  private static final LongTupleHashFunction HASH = LongTupleHashFunction.xx128();

  /** The hash of {@code table}'s content; runs a job. */
  public static CanonicalHash of(Dataset<Row> table) {
    String[] names = table.columns();
    Arrays.sort(names);
    Column[] columns =
        Arrays.stream(names).map(name -> functions.col("`" + name + "`")).toArray(Column[]::new);
    MapPartitionsFunction<Row, byte[]> hashing =
        rows -> List.of(ofRows(rows, names).toBytes()).iterator();
    return table.select(columns).mapPartitions(hashing, Encoders.BINARY()).collectAsList().stream()
        .map(CanonicalHash::fromBytes)
        .reduce(EMPTY, CanonicalHash::plus);
  }

  /** The hash of both tables' rows together. */
  public CanonicalHash plus(CanonicalHash other) {
    long sum = low + other.low;
    long carry = Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
    return new CanonicalHash(rows + other.rows, high + other.high + carry, sum);
  }

  /** The hash as text: version, rows, and 32 hexadecimal digits. */
  @Override
  public String toString() {
    return "v%d-%d-%016x%016x".formatted(VERSION, rows, high, low);
  }

  private static CanonicalHash ofRows(Iterator<Row> rows, String[] names) {
    CanonicalHash sum = EMPTY;
    long[] halves = new long[2];
    while (rows.hasNext()) {
      HASH.hashBytes(encode(rows.next(), names), halves);
      sum = sum.plus(new CanonicalHash(1, halves[1], halves[0]));
    }
    return sum;
  }

  private static byte[] encode(Row row, String[] names) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      for (int i = 0; i < names.length; i++) {
        write(names[i], out);
        write(row.get(i), out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(Object value, DataOutputStream out) throws IOException {
    if (value == null) {
      out.writeByte('0');
    } else if (value instanceof String) {
      writeBytes('s', ((String) value).getBytes(StandardCharsets.UTF_8), out);
    } else if (value instanceof byte[]) {
      writeBytes('b', (byte[]) value, out);
    } else if (value instanceof Double || value instanceof Float) {
      out.writeByte('d');
      out.writeDouble(((Number) value).doubleValue() + 0.0);
    } else if (value instanceof Row) {
      writeStruct((Row) value, out);
    } else if (value instanceof Seq) {
      writeSequence((Seq<?>) value, out);
    } else if (value instanceof scala.collection.Map) {
      writeMap(CollectionConverters.asJava((scala.collection.Map<?, ?>) value), out);
    } else {
      // Numbers, booleans, decimals, dates and times have one text each.
      writeBytes('v', value.toString().getBytes(StandardCharsets.UTF_8), out);
    }
  }

  private static void writeBytes(char kind, byte[] bytes, DataOutputStream out) throws IOException {
    out.writeByte(kind);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static void writeStruct(Row row, DataOutputStream out) throws IOException {
    out.writeByte('r');
    out.writeInt(row.length());
    for (int i = 0; i < row.length(); i++) {
      write(row.get(i), out);
    }
  }

  private static void writeSequence(Seq<?> values, DataOutputStream out) throws IOException {
    out.writeByte('a');
    out.writeInt(values.length());
    for (int i = 0; i < values.length(); i++) {
      write(values.apply(i), out);
    }
  }

  private static void writeMap(Map<?, ?> map, DataOutputStream out) throws IOException {
    out.writeByte('m');
    out.writeInt(map.size());
    List<? extends Map.Entry<?, ?>> entries =
        map.entrySet().stream()
            .sorted(Comparator.comparing(entry -> String.valueOf(entry.getKey())))
            .toList();
    for (Map.Entry<?, ?> entry : entries) {
      write(entry.getKey(), out);
      write(entry.getValue(), out);
    }
  }

  private byte[] toBytes() {
    return ByteBuffer.allocate(24).putLong(rows).putLong(high).putLong(low).array();
  }

  private static CanonicalHash fromBytes(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new CanonicalHash(buffer.getLong(), buffer.getLong(), buffer.getLong());
  }
}
