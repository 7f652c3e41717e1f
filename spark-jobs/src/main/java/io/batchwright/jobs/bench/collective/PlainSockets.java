package io.batchwright.jobs.bench.collective;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What loopback TCP gives without us: two threads, each of which sends and receives at the same
 * time, as two ranks do, with the socket buffers that the ring asks for.
 */
final class PlainSockets implements AutoCloseable {
  private static final int SOCKET_BUFFER = 4 << 20;
  private static final int PIECE = 256 << 10;

  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private final SocketChannel left;
  private final SocketChannel right;

  PlainSockets() throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER);
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      left = SocketChannel.open();
      configure(left);
      left.connect(server.getLocalAddress());
      right = server.accept();
      configure(right);
    }
    left.configureBlocking(false);
    right.configureBlocking(false);
  }

  private static void configure(SocketChannel channel) throws IOException {
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER);
    channel.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER);
  }

  /** Seconds until both ends have sent and received {@code bytes}. */
  double exchange(long bytes) throws ExecutionException, InterruptedException {
    long start = System.nanoTime();
    Future<?> one = threads.submit(() -> pump(left, bytes));
    Future<?> two = threads.submit(() -> pump(right, bytes));
    one.get();
    two.get();
    return (System.nanoTime() - start) / 1e9;
  }

  private static Void pump(SocketChannel channel, long bytes) throws IOException {
    int piece = (int) Math.min(PIECE, bytes);
    ByteBuffer out = ByteBuffer.allocateDirect(piece);
    ByteBuffer in = ByteBuffer.allocateDirect(piece);
    long sent = 0;
    long received = 0;
    while (sent < bytes || received < bytes) {
      boolean idle = true;
      if (sent < bytes) {
        if (!out.hasRemaining()) {
          out.clear();
        }
        out.limit((int) Math.min(piece, out.position() + bytes - sent));
        int count = channel.write(out);
        sent += count;
        idle = count == 0;
      }
      if (received < bytes) {
        in.clear().limit((int) Math.min(piece, bytes - received));
        int count = channel.read(in);
        if (count < 0) {
          throw new IOException("the other end closed");
        }
        received += count;
        idle &= count == 0;
      }
      if (idle) {
        Thread.yield();
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    threads.shutdownNow();
    left.close();
    right.close();
  }
}
