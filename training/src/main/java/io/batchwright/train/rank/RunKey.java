package io.batchwright.train.rank;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkEnv;

/**
 * The secret that tells the ranks of one run from everybody else.
 *
 * <p>It travels to the executors inside of the task, and so is as secret as Spark's own messages
 * are: encrypted where {@code spark.network.crypto.enabled} or TLS is on. Where {@code
 * spark.authenticate} is on, the key that ranks use also depends on Spark's secret, which does not
 * travel with the task.
 */
public final class RunKey {
  /** Its length, 256 bits. */
  public static final int BYTES = 32;

  private RunKey() {}

  /** A fresh key. */
  public static byte[] draw() {
    byte[] key = new byte[BYTES];
    new SecureRandom().nextBytes(key);
    return key;
  }

  /** The key that ranks use, inside of a task. */
  static byte[] inTask(byte[] drawn) {
    SecurityManager security = SparkEnv.get().securityManager();
    return security.isAuthenticationEnabled() ? mixed(drawn, security.getSecretKey()) : drawn;
  }

  /**
   * Whether ranks encrypt what they send each other: where Spark encrypts its own connections, by
   * {@code spark.network.crypto.enabled}, SASL or {@code spark.ssl.rpc.enabled}.
   */
  static boolean confidentialInTask() {
    SecurityManager security = SparkEnv.get().securityManager();
    return security.isEncryptionEnabled() || security.isSslRpcEnabled();
  }

  /** HMAC-SHA256 of {@code secret} under {@code key}. */
  static byte[] mixed(byte[] key, String secret) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(secret.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }
}
