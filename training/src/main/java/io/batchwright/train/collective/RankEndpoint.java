package io.batchwright.train.collective;

import io.batchwright.data.failure.BatchwrightException;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.Channels;
import java.nio.channels.SelectableChannel;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a rank listens for the others: {@link #bind}, tell everyone {@link #address}, {@link
 * #connect}.
 *
 * <p>Each caller is greeted on a thread of its own, so that one that sends garbage, or nothing,
 * holds up nobody. Refused callers are remembered and named if the rank that was expected never
 * comes.
 */
public final class RankEndpoint implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RankEndpoint.class);

  static final int SOCKET_BUFFER_BYTES = 4 << 20;
  private static final int HANDSHAKE_MILLIS = 5_000;

  private final RankContext context;
  private final ServerSocketChannel server;
  private final RankAddress address;
  private final Handshake handshake;
  private final Map<Peer, Wire> arrived = new HashMap<>();
  private final List<Notice> notices = new CopyOnWriteArrayList<>();
  private final List<String> refusals = new CopyOnWriteArrayList<>();
  private final List<Selector> waiting = new CopyOnWriteArrayList<>();

  private record Peer(long group, int rank) {}

  private RankEndpoint(RankContext context, ServerSocketChannel server, RankAddress address) {
    this.context = context;
    this.server = server;
    this.address = address;
    this.handshake = new Handshake(context);
  }

  /**
   * Listens on a free port.
   *
   * @param host name of this machine as the other ranks know it; where it is no address of this
   *     machine (behind address translation), all addresses are listened on
   * @throws BatchwrightException with exit code 4 if no port can be had
   */
  public static RankEndpoint bind(RankContext context, String host) {
    try {
      ServerSocketChannel server = ServerSocketChannel.open();
      server.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER_BYTES);
      try {
        server.bind(new InetSocketAddress(InetAddress.getByName(host), 0));
      } catch (IOException notHere) {
        server.bind(new InetSocketAddress(0));
      }
      int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
      RankEndpoint endpoint = new RankEndpoint(context, server, new RankAddress(host, port));
      daemon("accept", endpoint::acceptAll).start();
      return endpoint;
    } catch (IOException e) {
      throw BatchwrightException.resources(
          "Rank %d cannot listen on %s: %s.".formatted(context.rank(), host, e.getMessage()), e);
    }
  }

  /** What the other ranks must know. */
  public RankAddress address() {
    return address;
  }

  /**
   * Joins the ring of all ranks.
   *
   * @param addresses of all ranks, in the order of ranks
   * @throws RankFailure if a neighbour cannot be reached, or refuses this rank
   */
  public Collective connect(List<RankAddress> addresses) {
    if (addresses.size() != context.world()) {
      throw new IllegalArgumentException(
          "%d addresses for a world of %d".formatted(addresses.size(), context.world()));
    }
    if (context.world() == 1) {
      return new LocalCollective();
    }
    int[] members = new int[context.world()];
    for (int rank = 0; rank < members.length; rank++) {
      members[rank] = rank;
    }
    return TcpRing.join(context, this, List.copyOf(addresses), members, 0);
  }

  /** Connects to another rank and shows who this one is. */
  Wire call(RankAddress to, Handshake.Hello hello, Duration timeout) throws IOException {
    SocketChannel channel = SocketChannel.open();
    return wire(channel, greeted(channel, to, hello, timeout));
  }

  private Wire wire(SocketChannel channel, byte[] dataKey) {
    return context.confidential()
        ? new SealedWire(channel, new Seal(dataKey))
        : new PlainWire(channel);
  }

  /** Connects {@code channel}, or closes it; returns the connection's key. */
  private byte[] greeted(
      SocketChannel channel, RankAddress to, Handshake.Hello hello, Duration timeout)
      throws IOException {
    try {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER_BYTES);
      int millis = (int) Math.min(timeout.toMillis(), HANDSHAKE_MILLIS);
      channel.socket().connect(to.socketAddress(), millis);
      channel.socket().setSoTimeout(millis);
      return handshake.call(input(channel), output(channel), hello);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * The data connection from {@code rank}, once it has come.
   *
   * @return null if it does not come within {@code timeout}
   */
  Wire await(long group, int rank, Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    synchronized (arrived) {
      while (true) {
        Wire wire = arrived.remove(new Peer(group, rank));
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (wire != null || left <= 0 || !notices.isEmpty()) {
          return wire;
        }
        arrived.wait(left);
      }
    }
  }

  /** Sends word of a failure; a rank that cannot be reached in a second is left out. */
  void tell(RankAddress to, int rank, Notice notice) {
    Handshake.Hello hello = new Handshake.Hello(Handshake.Kind.NOTICE, context.rank(), rank, 0);
    try (SocketChannel channel = SocketChannel.open()) {
      byte[] key = greeted(channel, to, hello, Duration.ofSeconds(1));
      DataOutputStream out = output(channel);
      out.write(notice.sealed(new Seal(key)));
      out.flush();
    } catch (IOException e) {
      // The other rank may be gone already; its own failure is what people should read.
    }
  }

  /** Word of failures received so far. */
  List<Notice> notices() {
    return notices;
  }

  /** Why callers were refused so far. */
  List<String> refusals() {
    return refusals;
  }

  /** Wakes {@code selector} when word of a failure comes. */
  void wakeOnNotice(Selector selector) {
    waiting.add(selector);
  }

  void forget(Selector selector) {
    waiting.remove(selector);
  }

  @Override
  public void close() {
    try {
      server.close();
      synchronized (arrived) {
        arrived.values().forEach(Wire::close);
        arrived.clear();
      }
    } catch (IOException e) {
      throw new IllegalStateException("a listening socket did not close", e);
    }
  }

  private void acceptAll() {
    try {
      while (true) {
        SocketChannel channel = server.accept();
        daemon("greet", () -> greet(channel)).start();
      }
    } catch (IOException e) {
      // The endpoint was closed.
    }
  }

  private void greet(SocketChannel channel) {
    String from = "?";
    try {
      from = String.valueOf(channel.getRemoteAddress());
      channel.socket().setSoTimeout(HANDSHAKE_MILLIS);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      DataInputStream in = input(channel);
      Handshake.Recognised caller = handshake.listen(in, output(channel));
      Handshake.Hello hello = caller.hello();
      if (hello.kind() == Handshake.Kind.NOTICE) {
        notices.add(Notice.open(hello.from(), in, new Seal(caller.dataKey())));
        channel.close();
        waiting.forEach(Selector::wakeup);
        synchronized (arrived) {
          arrived.notifyAll();
        }
        return;
      }
      synchronized (arrived) {
        arrived.put(new Peer(hello.group(), hello.from()), wire(channel, caller.dataKey()));
        arrived.notifyAll();
      }
    } catch (IOException e) {
      String refusal = "a caller from %s was refused: %s".formatted(from, e.getMessage());
      refusals.add(refusal);
      LOG.warn("Rank {}: {}", context.rank(), refusal);
      closeQuietly(channel);
    }
  }

  static void closeQuietly(SelectableChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // A connection that is given up needs no second error.
    }
  }

  private static DataInputStream input(SocketChannel channel) throws IOException {
    // The socket's own stream, since it is the one that heeds the timeout.
    return new DataInputStream(channel.socket().getInputStream());
  }

  private static DataOutputStream output(SocketChannel channel) {
    return new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)));
  }

  private static Thread daemon(String name, Runnable body) {
    Thread thread = new Thread(body, "batchwright-" + name);
    thread.setDaemon(true);
    return thread;
  }
}
