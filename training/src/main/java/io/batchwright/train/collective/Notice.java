package io.batchwright.train.collective;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Word of a failure that one rank sends to the others.
 *
 * @param reporter the rank that sends it
 * @param accused the rank that did not answer, or the reporter itself where its own work failed
 * @param message what happened, for people; its end is cut off beyond {@value #MOST_BYTES} bytes
 */
record Notice(int reporter, int accused, String message) {
  private static final int MOST_BYTES = 4_000;

  /** As it travels: length, then a record of the accused and the message. */
  byte[] sealed(Seal seal) {
    byte[] text = message.getBytes(StandardCharsets.UTF_8);
    ByteBuffer plain = ByteBuffer.allocate(4 + MOST_BYTES);
    plain.putInt(accused).put(text, 0, Math.min(text.length, MOST_BYTES)).flip();
    int length = plain.remaining() + Seal.TAG_BYTES;
    ByteBuffer all = ByteBuffer.allocate(4 + length).putInt(length);
    seal.seal(plain, all);
    return all.array();
  }

  /** What {@link #sealed} made. */
  static Notice open(int reporter, DataInputStream in, Seal seal) throws IOException {
    int length = in.readInt();
    if (length < 4 + Seal.TAG_BYTES || length > 4 + MOST_BYTES + Seal.TAG_BYTES) {
      throw new IOException("what was received is no word of a failure");
    }
    ByteBuffer plain = ByteBuffer.allocate(length);
    seal.open(ByteBuffer.wrap(in.readNBytes(length)), plain);
    plain.flip();
    int accused = plain.getInt();
    return new Notice(reporter, accused, StandardCharsets.UTF_8.decode(plain).toString());
  }
}
