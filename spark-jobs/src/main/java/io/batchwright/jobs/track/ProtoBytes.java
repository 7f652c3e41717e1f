package io.batchwright.jobs.track;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The fields of a protocol buffer message, as bytes. */
final class ProtoBytes {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  ProtoBytes varint(int field, long value) {
    key(field, VARINT);
    number(value);
    return this;
  }

  ProtoBytes fixed64(int field, double value) {
    key(field, FIXED64);
    bytes.writeBytes(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(value).array());
    return this;
  }

  ProtoBytes fixed32(int field, float value) {
    key(field, FIXED32);
    bytes.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
    return this;
  }

  ProtoBytes text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  ProtoBytes message(int field, ProtoBytes value) {
    return bytes(field, value.toBytes());
  }

  private ProtoBytes bytes(int field, byte[] value) {
    key(field, LENGTH);
    number(value.length);
    bytes.writeBytes(value);
    return this;
  }

  private void key(int field, int type) {
    number((long) field << 3 | type);
  }

  /** Seven bits a byte, the lowest first. */
  private void number(long value) {
    long left = value;
    while ((left & ~0x7fL) != 0) {
      bytes.write((int) ((left & 0x7f) | 0x80));
      left >>>= 7;
    }
    bytes.write((int) left);
  }

  byte[] toBytes() {
    return bytes.toByteArray();
  }
}
