package io.batchwright.train.collective;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Numbered records of AES-256-GCM in one direction of one connection: one that was changed, left
 * out, repeated or moved is found.
 *
 * <p>The nonce is four zero bytes and the record's number. None occurs twice under a key, since
 * each connection has a key of its own (see {@link Handshake}) and seals in one direction only.
 */
final class Seal {
  static final int TAG_BYTES = 16;
  private static final int NONCE_BYTES = 12;

  private final SecretKeySpec key;
  private final Cipher cipher;
  private long records;

  /**
   * @param key 32 bytes that both ends share and no other connection has
   */
  Seal(byte[] key) {
    this.key = new SecretKeySpec(key, "AES");
    try {
      this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has AES-GCM", e);
    }
  }

  /** Appends {@code plain}, sealed, to {@code out}: {@value #TAG_BYTES} bytes more. */
  void seal(ByteBuffer plain, ByteBuffer out) {
    try {
      next(Cipher.ENCRYPT_MODE).doFinal(plain, out);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a record could not be sealed", e);
    }
  }

  /**
   * Appends what {@code sealed} holds to {@code out}.
   *
   * @throws IOException if it is not the next record that the other end sealed
   */
  void open(ByteBuffer sealed, ByteBuffer out) throws IOException {
    try {
      next(Cipher.DECRYPT_MODE).doFinal(sealed, out);
    } catch (AEADBadTagException e) {
      throw new IOException("a record was changed on the way", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a record could not be opened", e);
    }
  }

  private Cipher next(int mode) throws GeneralSecurityException {
    byte[] nonce = ByteBuffer.allocate(NONCE_BYTES).putInt(0).putLong(records++).array();
    cipher.init(mode, key, new GCMParameterSpec(8 * TAG_BYTES, nonce));
    return cipher;
  }
}
