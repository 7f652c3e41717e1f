package io.batchwright.train.collective;

import java.io.Serializable;
import java.net.InetSocketAddress;

/**
 * Where a rank listens.
 *
 * @param host name or address that the other ranks can reach
 * @param port TCP port
 */
public record RankAddress(String host, int port) implements Serializable {

  /**
   * Reads {@code host:port}; the host may be an IPv6 address.
   *
   * @throws IllegalArgumentException if the text is not of that form
   */
  public static RankAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("a rank address must be host:port, got " + text);
    }
    return new RankAddress(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }

  /** The address for a socket, resolved now. */
  public InetSocketAddress socketAddress() {
    return new InetSocketAddress(host, port);
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
