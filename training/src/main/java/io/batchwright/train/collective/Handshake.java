package io.batchwright.train.collective;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How two ranks recognise each other before the first byte of data.
 *
 * <pre>
 * caller   -> hello: magic, version, attempt, kind, from, to, world, sealed, group, run, nonce A
 * listener -> CHALLENGE, its attempt, nonce B, HMAC(key, "listener", hello, nonce B)   or a refusal
 * caller   -> HMAC(key, "caller", hello, nonce B)
 * listener -> WELCOME, or a refusal
 * </pre>
 *
 * The key itself never travels, and a recorded conversation cannot be replayed, since both sides
 * bring a fresh nonce. Both then know a key that belongs to this connection alone,
 *
 * <pre>
 * HMAC(key, "data", hello, nonce B)
 * </pre>
 *
 * which seals words of failures always, and data where the run is confidential. Elsewhere data is
 * neither encrypted nor signed. Whether it is stands in the hello, which both proofs cover: nobody
 * on the way can talk two ranks out of it.
 */
final class Handshake {
  static final int VERSION = 2;

  private static final long MAGIC = 0x42617463_68777269L; // "Batchwri"
  private static final int NONCE_BYTES = 16;
  private static final int RUN_BYTES = 16;
  private static final int MAC_BYTES = 32;
  private static final int HELLO_BYTES = 8 + 7 * 4 + 8 + RUN_BYTES + NONCE_BYTES;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** What a connection is for. */
  enum Kind {
    /** Data from a rank to its successor. */
    RING,
    /** Word of a failure. */
    NOTICE
  }

  /** What the listener says to a caller. */
  enum Answer {
    CHALLENGE,
    WELCOME,
    OTHER_VERSION,
    OTHER_RUN,
    OTHER_ATTEMPT,
    WRONG_KEY,
    WRONG_RANK,
    OTHER_SECRECY
  }

  /** What a caller says of itself. */
  record Hello(Kind kind, int from, int to, long group) {}

  /**
   * A caller that was recognised.
   *
   * @param dataKey of this connection
   */
  record Recognised(Hello hello, byte[] dataKey) {}

  /** A caller that is not one of this run's ranks, or a listener that says so. */
  static final class Refused extends IOException {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  private final RankContext context;
  private final byte[] run;

  Handshake(RankContext context) {
    this.context = context;
    this.run =
        Arrays.copyOf(digest().digest(context.runId().getBytes(StandardCharsets.UTF_8)), RUN_BYTES);
  }

  /** The caller's side; returns the key of this connection. */
  byte[] call(DataInputStream in, DataOutputStream out, Hello hello) throws IOException {
    byte[] frame = frame(hello);
    out.write(frame);
    out.flush();
    Answer first = answer(in.readByte());
    int theirAttempt = in.readInt();
    if (first != Answer.CHALLENGE) {
      throw new Refused(refusal(first, theirAttempt));
    }
    byte[] nonce = in.readNBytes(NONCE_BYTES);
    byte[] proof = in.readNBytes(MAC_BYTES);
    out.write(mac("caller", frame, nonce));
    out.flush();
    Answer last = answer(in.readByte());
    if (last != Answer.WELCOME) {
      throw new Refused(refusal(last, theirAttempt));
    }
    if (!MessageDigest.isEqual(proof, mac("listener", frame, nonce))) {
      throw new Refused(refusal(Answer.WRONG_KEY, theirAttempt));
    }
    return mac("data", frame, nonce);
  }

  /**
   * The listener's side.
   *
   * @throws Refused if the caller is not a rank of this run and attempt
   */
  Recognised listen(DataInputStream in, DataOutputStream out) throws IOException {
    byte[] frame = in.readNBytes(HELLO_BYTES);
    if (frame.length < HELLO_BYTES || ByteBuffer.wrap(frame).getLong() != MAGIC) {
      throw new Refused("what was sent is not a Batchwright handshake");
    }
    ByteBuffer buffer = ByteBuffer.wrap(frame).position(Long.BYTES);
    int version = buffer.getInt();
    int attempt = buffer.getInt();
    int kind = buffer.getInt();
    int from = buffer.getInt();
    int to = buffer.getInt();
    int world = buffer.getInt();
    boolean sealed = buffer.getInt() != 0;
    long group = buffer.getLong();
    byte[] theirRun = new byte[RUN_BYTES];
    buffer.get(theirRun);
    Answer problem = null;
    if (version != VERSION) {
      problem = Answer.OTHER_VERSION;
    } else if (!Arrays.equals(theirRun, run)) {
      problem = Answer.OTHER_RUN;
    } else if (attempt != context.attempt()) {
      problem = Answer.OTHER_ATTEMPT;
    } else if (sealed != context.confidential()) {
      problem = Answer.OTHER_SECRECY;
    } else if (to != context.rank()
        || world != context.world()
        || from < 0
        || from >= world
        || kind < 0
        || kind >= Kind.values().length) {
      problem = Answer.WRONG_RANK;
    }
    if (problem != null) {
      refuse(out, problem, true);
      throw new Refused("rank %d: %s".formatted(from, callerProblem(problem, attempt)));
    }
    byte[] nonce = nonce();
    out.writeByte(Answer.CHALLENGE.ordinal());
    out.writeInt(context.attempt());
    out.write(nonce);
    out.write(mac("listener", frame, nonce));
    out.flush();
    byte[] proof = in.readNBytes(MAC_BYTES);
    if (!MessageDigest.isEqual(proof, mac("caller", frame, nonce))) {
      refuse(out, Answer.WRONG_KEY, false);
      throw new Refused("rank %d: %s".formatted(from, callerProblem(Answer.WRONG_KEY, attempt)));
    }
    out.writeByte(Answer.WELCOME.ordinal());
    out.flush();
    return new Recognised(
        new Hello(Kind.values()[kind], from, to, group), mac("data", frame, nonce));
  }

  private void refuse(DataOutputStream out, Answer problem, boolean withAttempt)
      throws IOException {
    out.writeByte(problem.ordinal());
    if (withAttempt) {
      out.writeInt(context.attempt());
    }
    out.flush();
  }

  private String callerProblem(Answer problem, int theirAttempt) {
    return switch (problem) {
      case OTHER_VERSION -> "it speaks another protocol version than " + VERSION;
      case OTHER_RUN -> "it belongs to another run than " + context.runId();
      case OTHER_ATTEMPT -> attempts(theirAttempt, context.attempt());
      case WRONG_KEY -> "its run key is not the one of run " + context.runId();
      case OTHER_SECRECY -> secrecy();
      default -> "it is not one of the " + context.world() + " ranks, or looks for another rank";
    };
  }

  private String refusal(Answer problem, int theirAttempt) {
    return switch (problem) {
      case OTHER_VERSION -> "it speaks another protocol version than " + VERSION;
      case OTHER_RUN -> "it belongs to another run than " + context.runId();
      case OTHER_ATTEMPT -> attempts(context.attempt(), theirAttempt);
      case WRONG_KEY -> "the run keys of both sides differ";
      case OTHER_SECRECY -> secrecy();
      default -> "it is another rank than rank " + context.rank() + " looks for";
    };
  }

  private String secrecy() {
    return context.confidential()
        ? "it does not encrypt data, and this rank does"
        : "it encrypts data, and this rank does not";
  }

  private static String attempts(int caller, int listener) {
    return "stage attempt %d is %s than attempt %d"
        .formatted(caller, caller < listener ? "older" : "newer", listener);
  }

  private byte[] frame(Hello hello) {
    return ByteBuffer.allocate(HELLO_BYTES)
        .putLong(MAGIC)
        .putInt(VERSION)
        .putInt(context.attempt())
        .putInt(hello.kind().ordinal())
        .putInt(hello.from())
        .putInt(hello.to())
        .putInt(context.world())
        .putInt(context.confidential() ? 1 : 0)
        .putLong(hello.group())
        .put(run)
        .put(nonce())
        .array();
  }

  private static byte[] nonce() {
    byte[] nonce = new byte[NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    return nonce;
  }

  private static Answer answer(byte code) throws Refused {
    if (code < 0 || code >= Answer.values().length) {
      throw new Refused("what was answered is not a Batchwright handshake");
    }
    return Answer.values()[code];
  }

  private byte[] mac(String side, byte[] hello, byte[] nonce) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(context.runKey(), "HmacSHA256"));
      mac.update(side.getBytes(StandardCharsets.US_ASCII));
      mac.update(hello);
      return mac.doFinal(nonce);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
